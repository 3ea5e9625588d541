// How large a statement is once its macros are written out. The engine copies what a macro is given to each place that
// names it: a short text of calls within calls can be gigabytes, and the engine does not stop while it copies.
import { tooDeep } from '../sql-error.ts';

/** What a macro costs: its own characters, and how often it names each parameter. */
export type MacroCost = { own: number; times: readonly number[] };

/** The most that one call may come to with all that is in it, and a statement as a whole. Characters, less those of literals. */
const largestCall = 64 * 1024;
const largestStatement = 4 * 1024 * 1024;

type Frame = { macro: MacroCost | null; given: number[]; size: number };

// A doubled mark within a literal is read as two literals, which comes to the same.
const piece = /'[^']*'|"[^"]*"|[A-Za-z_][\w.]*|[(),]|[^'"A-Za-z_(),]+|./gsy;

/** Measures a text. `names` are words with a size of their own; `onCall` is told what each outermost call came to. */
const measure = (
  text: string,
  macros: ReadonlyMap<string, MacroCost>,
  names: ReadonlyMap<string, number>,
  onCall: (size: number) => void = () => {},
): number => {
  const frames: Frame[] = [{ macro: null, given: [], size: 0 }];
  let calls = 0;
  let last = '';
  for (const [one] of text.matchAll(piece)) {
    const frame = frames.at(-1)!;
    if (one === '(') {
      const macro = macros.get(last.toLowerCase()) ?? null;
      if (macro) calls += 1;
      frames.push({ macro, given: [], size: 0 });
    } else if (one === ',' && frame.macro) {
      frame.given.push(frame.size);
      frame.size = 0;
    } else if (one === ')' && frames.length > 1) {
      frames.pop();
      let { size } = frame;
      if (frame.macro) {
        const { own, times } = frame.macro;
        size = [...frame.given, size].reduce((sum, each, at) => sum + each * (times[at] ?? 1), own);
        calls -= 1;
        if (calls === 0) onCall(size);
      }
      frames.at(-1)!.size += size + 2;
    } else frame.size += one[0] === "'" ? 2 : (names.get(one) ?? one.length);
    last = one;
  }
  return frames.reduce((sum, { size }) => sum + size, 0);
};

/** The costs of macros as `name(a, b) AS body`, each of which may use those before it. */
export const macroCosts = (definitions: readonly string[]): Map<string, MacroCost> => {
  const costs = new Map<string, MacroCost>();
  for (const definition of definitions) {
    const [, name, list, body] = /^([\w.]+)\(([^)]*)\) AS (.*)$/s.exec(definition)!;
    const parameters = list!.split(',').map((one) => one.trim());
    const sizeWith = (one: string | null) =>
      measure(body!, costs, new Map(parameters.map((each) => [each, each === one ? 1 : 0])));
    const own = sizeWith(null);
    costs.set(name!, { own, times: parameters.map((one) => sizeWith(one) - own) });
  }
  return costs;
};

/** Refuses (8631) a statement that is too large once its macros are written out. */
export const requireModest = (sql: string, macros: ReadonlyMap<string, MacroCost>): void => {
  const size = measure(sql, macros, new Map(), (call) => {
    if (call > largestCall) throw tooDeep();
  });
  if (size > largestStatement) throw tooDeep();
};

// Azure's wildcards: `*` is any characters, `?` none or one, neither of them `/`; `^` takes the next one as it is. Pure.

/** A character as it is, or what stands for others; `folders` is any number of folders, a slash behind each. */
type Piece = { kind: 'character'; text: string } | { kind: 'any' | 'perhaps' | 'folders' | 'inside folders' };

const piecesOf = (pattern: string): Piece[] =>
  [...pattern.matchAll(/\^(.)|([*?])|(.)/gsu)].map(([, escaped, wild, plain = '^']) =>
    wild === undefined ? { kind: 'character', text: escaped ?? plain } : { kind: wild === '*' ? 'any' : 'perhaps' },
  );

/** How many pieces may be left out from here on without a character: those that can be nothing. */
const passes: Readonly<Record<Piece['kind'], number>> = {
  character: 0,
  any: 1,
  perhaps: 1,
  folders: 2,
  'inside folders': 0,
};

/** Where a piece leads by a character: how many pieces on; null where it does not fit. */
const stepOf = (piece: Piece, character: string): number | null => {
  if (piece.kind === 'character') return piece.text === character ? 1 : null;
  const isSlash = character === '/';
  if (piece.kind === 'folders') return isSlash ? 0 : 1;
  if (piece.kind === 'inside folders') return isSlash ? -1 : 0;
  if (isSlash) return null;
  return piece.kind === 'any' ? 0 : 1;
};

/**
 * The test of whole paths: a pattern of their folders, any folders below where `recursive`, and a pattern of names. All ways to
 * lay the pattern over a path are followed at once, so that no pattern takes longer than both are long, multiplied.
 */
export const pathTest = (folders: string, names: string, recursive: boolean): ((path: string) => boolean) => {
  const below: Piece[] = recursive ? [{ kind: 'folders' }, { kind: 'inside folders' }] : [];
  const pieces = [...piecesOf(folders), ...below, ...piecesOf(names)];
  const reach = (reached: Set<number>, at: number): void => {
    for (let now = at, step = 1; step > 0 && !reached.has(now); now += step) {
      reached.add(now);
      step = now < pieces.length ? passes[pieces[now]!.kind] : 0;
    }
  };
  return (path) => {
    let reached = new Set<number>();
    reach(reached, 0);
    for (const character of path) {
      const next = new Set<number>();
      for (const at of reached) {
        const step = at < pieces.length ? stepOf(pieces[at]!, character) : null;
        if (step !== null) reach(next, at + step);
      }
      if (next.size === 0) return false;
      reached = next;
    }
    return reached.has(pieces.length);
  };
};

/** What every match begins with. */
export const fixedStart = (pattern: string): string => {
  const all = piecesOf(pattern);
  const wild = all.findIndex(({ kind }) => kind !== 'character');
  return (wild < 0 ? all : all.slice(0, wild)).map((piece) => (piece.kind === 'character' ? piece.text : '')).join('');
};

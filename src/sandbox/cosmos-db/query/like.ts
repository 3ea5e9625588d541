// LIKE: a pattern against a text, in time that grows with the product of their lengths at most.

type Piece = { kind: 'any' } | { kind: 'one'; fits(character: string): boolean };

const classOf = (inside: string): Piece => {
  const isNot = inside.startsWith('^');
  const characters = [...(isNot ? inside.slice(1) : inside)];
  const ranges: [string, string][] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const isRange = characters[at + 1] === '-' && characters[at + 2] !== undefined;
    ranges.push([characters[at]!, characters[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  return {
    kind: 'one',
    fits: (character) => ranges.some(([low, high]) => character >= low && character <= high) !== isNot,
  };
};

const piecesOf = (pattern: string, escapeMark: string | undefined): Piece[] => {
  const characters = [...pattern];
  const pieces: Piece[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at]!;
    const closing = character === '[' ? characters.indexOf(']', at + 1) : -1;
    if (character === escapeMark && characters[at + 1] !== undefined) {
      at += 1;
      const literal = characters[at]!;
      pieces.push({ kind: 'one', fits: (other) => other === literal });
    } else if (character === '%') {
      if (pieces.at(-1)?.kind !== 'any') pieces.push({ kind: 'any' });
    } else if (character === '_') pieces.push({ kind: 'one', fits: () => true });
    else if (closing > 0) {
      pieces.push(classOf(characters.slice(at + 1, closing).join('')));
      at = closing;
    } else pieces.push({ kind: 'one', fits: (other) => other === character });
  }
  return pieces;
};

/**
 * Makes the test of texts that a pattern describes: `%` any text, `_` one character, `[a-z]` and `[^a-z]` one of some.
 * `spend` is called now and then while a test goes on.
 */
export const likeTest = (
  pattern: string,
  escapeMark?: string,
  spend: () => void = () => {},
): ((text: string) => boolean) => {
  const pieces = piecesOf(pattern, escapeMark);
  return (text) => {
    const characters = [...text];
    let [at, piece, any, retry, steps] = [0, 0, -1, 0, 0];
    while (at < characters.length) {
      steps += 1;
      if (steps % 10_000 === 0) spend();
      const wanted = pieces[piece];
      if (wanted?.kind === 'any') {
        any = piece;
        piece += 1;
        retry = at;
      } else if (wanted?.kind === 'one' && wanted.fits(characters[at]!)) {
        at += 1;
        piece += 1;
      } else if (any >= 0) {
        piece = any + 1;
        retry += 1;
        at = retry;
      } else return false;
    }
    while (pieces[piece]?.kind === 'any') piece += 1;
    return piece === pieces.length;
  };
};

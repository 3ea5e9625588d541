// Text into the texts of its objects, a piece at a time, however the objects stand: in lines, one after the other, or as
// the items of one list.

/** Text that is no row of JSON objects. */
export class BadJson extends Error {}

/** The longest object, in characters, and its deepest nesting: what keeps a file from filling the memory. */
export const maxObjectLength = 16 * 1024 * 1024;
export const maxDepth = 64;

const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9;
const [quote, backslash, comma, open, close, openList, closeList] = [34, 92, 44, 123, 125, 91, 93];

/** `push` gives the objects that `text` completes. Errors: `BadJson`. */
export type ObjectSplitter = { push(text: string, last: boolean): string[] };

export const createObjectSplitter = (): ObjectSplitter => {
  // What an object that is not complete consists of so far, and where in it the text ended.
  let parts: string[] = [];
  let partsLength = 0;
  let depth = 0;
  let inText = false;
  let escaped = false;
  let list: 'none' | 'first' | 'item' | 'next' | 'over' = 'none';
  let objects = 0;

  /** Where text that is open at `at` ends: behind its quote, or at the end of the piece. */
  const endOfText = (text: string, from: number): number => {
    let at = from;
    if (escaped) {
      if (at >= text.length) return at;
      escaped = false;
      at += 1;
    }
    for (;;) {
      const end = text.indexOf('"', at);
      const stop = end < 0 ? text.length : end;
      let escapes = 0;
      while (stop - 1 - escapes >= at && text.charCodeAt(stop - 1 - escapes) === backslash) escapes += 1;
      if (end < 0) {
        escaped = escapes % 2 === 1;
        return stop;
      }
      at = end + 1;
      if (escapes % 2 === 1) continue;
      inText = false;
      return at;
    }
  };

  /** Where the object that is open at `at` ends, or the end of the piece. */
  const endOfObject = (text: string, from: number): number => {
    for (let at = from; at < text.length; ) {
      if (inText) {
        at = endOfText(text, at);
        continue;
      }
      const code = text.charCodeAt(at);
      at += 1;
      if (code === quote) inText = true;
      else if (code === open || code === openList) {
        depth += 1;
        if (depth > maxDepth) throw new BadJson(`values are nested more than ${maxDepth} deep`);
      } else if (code === close || code === closeList) {
        depth -= 1;
        if (depth === 0) return at;
      }
    }
    return text.length;
  };

  /** What stands between objects: gives where the next one begins, or the end of the piece. */
  const startOfObject = (text: string, from: number): number => {
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (isSpace(code)) continue;
      if (code === open && list !== 'over' && list !== 'next') return at;
      if (code === openList && list === 'none' && objects === 0) list = 'first';
      else if (code === comma && list === 'next') list = 'item';
      else if (code === closeList && (list === 'first' || list === 'next')) list = 'over';
      else throw new BadJson(`there is ${JSON.stringify(text[at])} where an object is expected`);
    }
    return text.length;
  };

  const push = (text: string, last: boolean): string[] => {
    const complete: string[] = [];
    for (let at = 0; at < text.length; ) {
      if (depth === 0) at = startOfObject(text, at);
      if (at >= text.length) break;
      const end = endOfObject(text, at);
      partsLength += end - at;
      if (partsLength > maxObjectLength) throw new BadJson(`it is longer than ${maxObjectLength} characters`);
      parts.push(text.slice(at, end));
      at = end;
      if (depth > 0) continue;
      complete.push(parts.length === 1 ? parts[0]! : parts.join(''));
      parts = [];
      partsLength = 0;
      objects += 1;
      if (list !== 'none') list = 'next';
    }
    if (last && (depth > 0 || (list !== 'none' && list !== 'over'))) throw new BadJson('the file ends within it');
    return complete;
  };
  return { push };
};

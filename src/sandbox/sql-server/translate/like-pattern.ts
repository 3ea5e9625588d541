// Patterns of LIKE. The engine's own LIKE tries every way to lay a pattern of several `%` over a text, in time that grows
// with the power of their number and cannot be stopped; its regular expressions take time that grows with the text.

/** Whether the engine's own LIKE is quick with a pattern: `%` only at its ends, and no classes of characters. */
export const isPlain = (pattern: string): boolean => !/\[/.test(pattern) && !/[^%]%+[^%]/.test(pattern);

// No other characters may stand behind a backslash there.
const quote = (text: string): string => text.replace(/[ -/:-@[-`{-~]/g, '\\$&');

/** A pattern as a regular expression of the engine. `mark` is the escape character, or ''. */
export const patternAsRegex = (pattern: string, mark: string): string => {
  let regex = '';
  for (let at = 0; at < pattern.length; at++) {
    const one = pattern[at]!;
    if (one === mark && at + 1 < pattern.length) regex += quote(pattern[++at]!);
    else if (one === '%') {
      if (!regex.endsWith('.*')) regex += '.*';
    } else if (one === '_') regex += '.';
    else if (one === '[') {
      const end = pattern.indexOf(']', at + 1);
      if (end < 0) regex += '\\[';
      else {
        const inside = pattern.slice(at + 1, end);
        const isNegated = inside.startsWith('^');
        const body = (isNegated ? inside.slice(1) : inside).replace(/[\\[\]^]/g, '\\$&');
        regex += body === '' ? '' : `[${isNegated ? '^' : ''}${body}]`;
        at = end;
      }
    } else regex += quote(one);
  }
  return regex;
};

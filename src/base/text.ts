// Small readings of texts that strangers write. Regular expressions for them take the square of a text's length, or far
// more; these take its length, whatever it holds.

/** A text without the slashes at its end. */
export const withoutSlashes = (text: string): string => {
  let end = text.length;
  while (end > 0 && text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
};

/** Whether `pattern`, in which `*` is any characters, describes the whole of `text`. Case counts for nothing. */
export const fitsPattern = (pattern: string, text: string): boolean => {
  const whole = text.toLowerCase();
  const [first = '', ...between] = pattern.toLowerCase().split('*');
  const last = between.pop();
  if (last === undefined) return whole === first;
  const end = whole.length - last.length;
  if (first.length > end || !whole.startsWith(first) || !whole.endsWith(last)) return false;
  let at = first.length;
  return between.every((part) => {
    const found = whole.indexOf(part, at);
    at = found + part.length;
    return found >= 0 && at <= end;
  });
};

// XML as Azure Files writes it. Pure.

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text inside an element or an attribute. */
export const xmlText = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character]!);

/** An element with text, or with elements that are written already. */
export const element = (name: string, content: string | number | readonly string[]): string =>
  `<${name}>${typeof content === 'object' ? content.join('') : xmlText(String(content))}</${name}>`;

/** A whole document. */
export const xmlDocument = (root: string): string => `<?xml version="1.0" encoding="utf-8"?>${root}`;

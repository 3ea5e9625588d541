// HTML that cannot be broken out of: whatever is put into a template is escaped, unless a template made it.

/** A piece of HTML that is as it should be. */
export type Markup = { readonly markup: string };

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// Characters that hide or turn round what stands beside them are shown as what they are.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const escaped = (text: string): string =>
  text
    .replace(unseen, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"']/g, (each) => entities[each]!);

type Part = string | number | Markup | readonly Markup[];

const textOf = (part: Part): string =>
  typeof part === 'string' || typeof part === 'number'
    ? escaped(String(part))
    : 'markup' in part
      ? part.markup
      : part.map(({ markup }) => markup).join('');

/** A template whose holes are escaped. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: strings.reduce((text, piece, index) => `${text}${textOf(parts[index - 1] ?? '')}${piece}`),
});

/** Nothing. */
export const nothing: Markup = { markup: '' };

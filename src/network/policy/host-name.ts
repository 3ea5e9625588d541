// Host names as the network knows them: one spelling each. Whatever a worker or a user writes goes through
// `canonicalHost` before it is compared, remembered or shown.
import { domainToASCII } from 'node:url';

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const maxHostLength = 253;

/** Top-level names that never belong to a public host (RFC 6761, 6762, 7686, 8375, 9476 and ICANN's `internal`). */
const specialUse = new Set(['alt', 'arpa', 'internal', 'invalid', 'local', 'localhost', 'onion']);

/**
 * The one spelling of a host name: lower case, no trailing dot, IDNA as `xn--`. Null for what is no legal host name: NUL, control
 * or non-LDH characters (`_` apart, which real names carry), empty or over-long labels, look-alike dots, address literals.
 */
export const canonicalHost = (name: string): string | null => {
  if (name.length === 0 || name.length > maxHostLength + 1) return null;
  const trimmed = name.endsWith('.') ? name.slice(0, -1) : name;
  let host = trimmed.toLowerCase();
  if (/[^\x00-\x7f]/.test(trimmed)) {
    // IDNA maps U+3002, U+FF0E, U+FF61 and others to a dot, and some characters to ASCII symbols: the number of labels may not change.
    host = domainToASCII(trimmed);
    if (host.split('.').length !== trimmed.split('.').length) return null;
  }
  if (host.length === 0 || host.length > maxHostLength) return null;
  const labels = host.split('.');
  if (!labels.every((each) => label.test(each))) return null;
  // A last label that is a number makes the whole an IPv4 address to most parsers ("127.1", "0x7f.1").
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!)) return null;
  return host;
};

/** Whether a canonical host can be a public name at all: more than one label, and not below a special-use domain. */
export const isPublicHost = (host: string): boolean => {
  const labels = host.split('.');
  return labels.length > 1 && !specialUse.has(labels.at(-1)!);
};

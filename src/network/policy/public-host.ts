// The operator's own list of public hosts: names that lead to an address which the operator vouches for.
import { isIP } from 'node:net';
import { canonicalHost, isPublicHost } from './host-name.ts';
import { normalAddress } from './ip-address.ts';
import type { PublicHost } from './model.ts';
import { isStorageHost } from './zone.ts';

const written = /^([^=]*)=(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/;

const parsePublicHost = (text: string): PublicHost => {
  const refuse = (why: string): Error => new Error(`${JSON.stringify(text)}: ${why}`);
  const [, name, six, four, digits] = written.exec(text) ?? [];
  if (name === undefined)
    throw refuse(
      'a public host is written NAME=ADDRESS:PORT, an IPv6 address in brackets: api.example.com=10.0.0.7:8443.',
    );
  const host = canonicalHost(name);
  if (host === null || !isPublicHost(host))
    throw refuse('the name is no public host name; it takes two labels or more, none of them of a reserved domain.');
  if (isStorageHost(host))
    throw refuse('storage and data lake hosts are reached by a private endpoint only; attach the store instead.');
  const address = six ?? four ?? '';
  if (isIP(address) !== (six === undefined ? 4 : 6))
    throw refuse('the address is no IP address; a name is not resolved here.');
  const port = Number(digits);
  if (port < 1 || port > 65535) throw refuse('the port is a number from 1 to 65535.');
  return { host, backend: { address: normalAddress(address), port } };
};

/**
 * Reads `NAME=ADDRESS:PORT`, once per host, names in their one spelling. Throws an Error that quotes the value and says what it takes;
 * names of storage hosts and names given twice are refused.
 */
export const parsePublicHosts = (texts: readonly string[]): PublicHost[] => {
  const hosts = texts.map(parsePublicHost);
  const twice = hosts.find(({ host }, at) => hosts.findIndex((other) => other.host === host) !== at);
  if (twice) throw new Error(`'${twice.host}' is named twice; a name leads to one address.`);
  return hosts;
};

// Where this Postern is, in the words of a request: its origin, and whether an audience means it.
import { withoutSlashes } from '../../base/text.ts';

/** The names by which a front door may be addressed, and what follows from the one that a request used. */
export type Place = {
  /** `https://host:port` for links: the Host header's where that is one of ours, otherwise the first name's. */
  originOf(hostHeader: string | undefined): string;
  /** True for a token's audience that means this front door, or Azure's management endpoint. */
  isAudience(audience: string): boolean;
};

const management = ['https://management.azure.com', 'https://management.core.windows.net'];

const bare = (url: string) => withoutSlashes(url).toLowerCase();

/** A place for `host:port` and the other names (`hosts`) that lead to it; loopback names always do. */
export const createPlace = (host: string, port: number, hosts: readonly string[]): Place => {
  const written = (name: string) => (name.includes(':') && !name.startsWith('[') ? `[${name}]` : name);
  const isAny = host === '0.0.0.0' || host === '::';
  const names = [...(isAny ? [] : [host]), ...hosts, '127.0.0.1', 'localhost', '::1'].map(written);
  const authorities = names.flatMap((name) => (port === 443 ? [name, `${name}:443`] : [`${name}:${port}`]));
  const origins = new Set(authorities.map((authority) => `https://${authority.toLowerCase()}`));
  return {
    originOf: (header) => {
      const asked = `https://${header?.toLowerCase()}`;
      return origins.has(asked) ? asked : `https://${authorities[0]}`;
    },
    isAudience: (audience) => management.includes(bare(audience)) || origins.has(bare(audience)),
  };
};

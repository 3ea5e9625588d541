// Public names, resolved on this side, when a flow to one has been allowed and is about to be dialled; never before, so that
// asking for names carries nothing out. Asked of DNS alone: no search domain and no hosts file of this machine has a say.
import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { normalAddress } from '../policy/ip-address.ts';

/** The addresses of a host, IPv6 and IPv4. Rejects with a DNS error code where there are none. */
export type ResolveName = (host: string) => Promise<string[]>;

const tryMs = 1500;
const tries = 2;
/** How long IPv4 addresses wait for IPv6 ones (RFC 8305, section 3). */
const resolutionDelayMs = 50;
/** A name may have thousands of addresses; so many are tried. */
const maxAddresses = 8;

/** A way to resolve names, by `servers` (address or address:port), or by those of this machine where none are given. */
export const createResolveName =
  (servers: readonly string[]): ResolveName =>
  async (host) => {
    // One for each name: the machine's servers may have changed since the last.
    const resolver = new Resolver({ timeout: tryMs, tries });
    if (servers.length > 0) resolver.setServers(servers);
    let reason: unknown;
    const noted = (error: unknown): string[] => {
      reason = error;
      return [];
    };
    const six = resolver.resolve6(host).catch((error) => {
      reason ??= error;
      return [];
    });
    const four = await resolver.resolve4(host).catch(noted);
    const addresses = [
      ...four,
      ...(await (four.length > 0 ? Promise.race([six, delay(resolutionDelayMs, [] as string[])]) : six)),
    ];
    resolver.cancel();
    if (addresses.length === 0) throw reason ?? new Error('no address');
    return addresses;
  };

/** The order to try addresses in: IPv6 and IPv4 by turns, no more than eight, each once. */
export const inTurns = (addresses: readonly string[]): string[] => {
  const plain = [...new Set(addresses)];
  const six = plain.filter(isIPv6);
  const four = plain.filter((address) => !isIPv6(address));
  const turns = Array.from({ length: Math.max(six.length, four.length) }, (_, at) => [six[at], four[at]]).flat();
  return turns.filter((address) => address !== undefined).slice(0, maxAddresses);
};

/** The addresses that this machine has now, where the control plane and much else may listen. */
export const ownAddresses = (): ReadonlySet<string> =>
  new Set(
    Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .map(({ address }) => normalAddress(address)),
  );

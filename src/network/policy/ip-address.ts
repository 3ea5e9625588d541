// IP addresses as text, and which of them are nobody's public host.
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** The address that was dialled, as the policy knows it: `::ffff:a.b.c.d` is `a.b.c.d`, no zone, lower case. */
export const normalAddress = (address: string): string => {
  const plain = (address.split('%')[0] ?? address).toLowerCase();
  const mapped = /^(?:::|(?:0{1,4}:){5})ffff:(.+)$/.exec(plain)?.[1];
  if (mapped === undefined) return plain;
  if (isIPv4(mapped)) return mapped;
  const [high, low] = mapped.split(':').map((part) => Number.parseInt(part, 16));
  if (high === undefined || low === undefined) return plain;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
};

const internal = new BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  internal.addSubnet(address, prefix, 'ipv4');

const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
// Ranges of 2000::/3 that carry or tunnel to something else: Teredo and other special blocks, documentation, 6to4.
for (const [address, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  internal.addSubnet(address, prefix, 'ipv6');

/**
 * True for every address that is not a public unicast one: loopback, private, link-local, multicast, the platform's own,
 * documentation, IPv6 that embeds IPv4 (NAT64 `64:ff9b::/96` lies outside 2000::/3). Anything that is no address is internal too.
 */
export const isInternalAddress = (address: string): boolean => {
  const plain = normalAddress(address);
  if (isIPv4(plain)) return internal.check(plain, 'ipv4');
  if (isIPv6(plain)) return internal.check(plain, 'ipv6') || !globalUnicast.check(plain, 'ipv6');
  return true;
};

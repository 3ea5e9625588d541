// Ranges of IPv4 addresses: what a virtual network may span, and how its subnets divide it. Pure.
import { isIPv4 } from 'node:net';
import { ServiceError } from '../../base/error.ts';

/** A range: its first address as a number, and how many it has. */
export type Range = { text: string; first: number; count: number };

const refuse = (code: string, message: string, target: string) => new ServiceError(400, code, message, { target });

const numberOf = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** An address as text. */
export const addressOf = (value: number): string => [24, 16, 8, 0].map((bits) => (value >>> bits) & 255).join('.');

/** Reads a prefix in CIDR notation, host bits zero; `target` names the field in the error. */
export const readRange = (text: string, target: string): Range => {
  const [, address = '', bits = ''] = /^([0-9.]{7,15})\/(\d{1,2})$/.exec(text) ?? [];
  const length = Number(bits);
  if (!isIPv4(address) || bits === '' || length > 32)
    throw refuse(
      'InvalidAddressPrefixFormat',
      `The address prefix '${text}' is not formatted correctly: write an IPv4 range in CIDR notation, for instance 10.0.0.0/24.`,
      target,
    );
  const value = numberOf(address);
  const count = 2 ** (32 - length);
  const first = value - (value % count);
  if (first !== value)
    throw refuse(
      'InvalidCIDRNotation',
      `The address prefix '${text}' has an invalid CIDR notation. For the prefix length ${length} it should be ${addressOf(first)}/${length}.`,
      target,
    );
  return { text, first, count };
};

const contains = (outer: Range, inner: Range) =>
  inner.first >= outer.first && inner.first + inner.count <= outer.first + outer.count;
const overlaps = (a: Range, b: Range) => a.first < b.first + b.count && b.first < a.first + a.count;

const unusable = ['0.0.0.0/8', '127.0.0.0/8', '168.63.129.16/32', '169.254.0.0/16', '224.0.0.0/3'].map((text) =>
  readRange(text, ''),
);

const smallest = 8;

const requireUsable = (range: Range, target: string) => {
  const taken = unusable.find((one) => overlaps(one, range));
  if (taken || range.count < smallest)
    throw refuse(
      'NetcfgInvalidIPAddressPrefix',
      taken
        ? `The address prefix '${range.text}' overlaps ${taken.text}, which no virtual network may span.`
        : `The address prefix '${range.text}' is too small: the smallest has 8 addresses (/29), of which 5 are reserved.`,
      target,
    );
};

const firstOverlap = <Item>(items: readonly Item[], rangeOf: (item: Item) => Range): [Item, Item] | null => {
  const sorted = [...items].sort((a, b) => rangeOf(a).first - rangeOf(b).first);
  for (const [index, item] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && overlaps(rangeOf(item), rangeOf(next))) return [item, next];
  }
  return null;
};

/** One subnet of a virtual network, and where its prefixes stand in the body. */
export type SubnetPlan = { name: string; prefixes: readonly string[]; field: string };

/** Refuses address prefixes that no virtual network may have, and subnets that are outside of them or share addresses. */
export const checkAddressSpace = (
  network: { name: string; prefixes: readonly string[]; field: string },
  subnets: readonly SubnetPlan[],
): void => {
  const space = network.prefixes.map((text) => readRange(text, network.field));
  for (const range of space) requireUsable(range, network.field);
  const twice = firstOverlap(space, (range) => range);
  if (twice)
    throw refuse(
      'NetcfgOverlappingAddressPrefixes',
      `The address prefixes ${twice[0].text} and ${twice[1].text} of virtual network '${network.name}' overlap.`,
      network.field,
    );
  const parts = subnets.flatMap((subnet) =>
    subnet.prefixes.map((text) => ({ ...subnet, range: readRange(text, subnet.field) })),
  );
  for (const { name, range, field } of parts) {
    requireUsable(range, field);
    if (!space.some((outer) => contains(outer, range)))
      throw refuse(
        'NetcfgInvalidSubnet',
        `Subnet '${name}' is not valid in virtual network '${network.name}': ${range.text} is outside of ${network.prefixes.join(', ')}.`,
        field,
      );
  }
  const shared = firstOverlap(parts, ({ range }) => range);
  if (shared)
    throw refuse(
      'NetcfgSubnetRangesOverlap',
      `Subnet '${shared[1].name}' (${shared[1].range.text}) is not valid because its addresses overlap with those of subnet '${shared[0].name}' (${shared[0].range.text}).`,
      shared[1].field,
    );
};

/** The addresses of a subnet that may be given out: all but the first four and the last, which Azure reserves. */
export const usableAddresses = (prefix: string): { first: number; last: number } => {
  const { first, count } = readRange(prefix, 'addressPrefix');
  return { first: first + 4, last: first + count - 2 };
};

/** The number of an address, or null where the text is no IPv4 address. */
export const readAddress = (text: string): number | null => (isIPv4(text) ? numberOf(text) : null);

// Where each store listens now. Filled as stores start or are attached; empty after a start until they run again.
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Backend } from '../network/policy/model.ts';

/** The backends of the stores that run, by the key of their resource and the sub-resource. */
export type StoreDirectory = {
  set(resourceKey: string, backends: Readonly<Record<string, Backend>>): void;
  remove(resourceKey: string): void;
  /** All sub-resources of a store, or null while it does not run. */
  get(resourceKey: string): Readonly<Record<string, Backend>> | null;
  /** Where one sub-resource listens, or null. */
  backend(resourceKey: string, groupId: string): Backend | null;
};

/** An empty directory. */
export const createStoreDirectory = (): StoreDirectory => {
  const stores = new Map<string, Readonly<Record<string, Backend>>>();
  return {
    set: (key, backends) => void stores.set(key, backends),
    remove: (key) => void stores.delete(key),
    get: (key) => stores.get(key) ?? null,
    backend: (key, groupId) => {
      const backends = stores.get(key);
      return backends && Object.hasOwn(backends, groupId) ? backends[groupId]! : null;
    },
  };
};

/** Which addresses may be attached as stores. */
export type Attachable = { allows(address: string): boolean };

/** Reads the operator's list of CIDR ranges (`10.0.0.0/8`, `fd00::/8`) or single addresses; throws on anything else. */
export const parseAttachable = (ranges: readonly string[]): Attachable => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address);
    const width = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? width : Number(bits);
    if (family === 0 || !/^\d*$/.test(bits ?? '') || bits === '' || prefix > width)
      throw new Error(`'${range}' is not a range of addresses. Write for instance 10.1.0.0/16.`);
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  return { allows: (address) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6') };
};

/** Reads `address:port` (`[...]:port` for IPv6) of an attached store; null for anything else, host names included. */
export const parseBackend = (text: string): Backend | null => {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text.trim());
  const address = found?.[1] ?? found?.[2] ?? '';
  const port = Number(found?.[3]);
  const isRight = isIP(address) === (found?.[1] === undefined ? 4 : 6) && port >= 1 && port <= 65535;
  return isRight ? { address, port } : null;
};

import { syntheticAddress } from '../policy/address-plan.ts';

/** Which name each address was given to one worker for. A synthetic address stands for one name as long as the book lives. */
export type NameBook = {
  /** The synthetic address of a public host; null once the book is full. */
  addressFor(host: string): string | null;
  /** Remembers that `address` (an endpoint's) was given for `host`. */
  remember(address: string, host: string): void;
  hostOf(address: string): string | null;
};

/** An empty book with room for `capacity` public names. */
export const createNameBook = (capacity: number): NameBook => {
  const hosts = new Map<string, string>();
  const synthetic = new Map<string, string>();
  return {
    addressFor: (host) => {
      const known = synthetic.get(host);
      if (known !== undefined) return known;
      if (synthetic.size >= capacity) return null;
      const address = syntheticAddress(synthetic.size);
      synthetic.set(host, address);
      hosts.set(address, host);
      return address;
    },
    remember: (address, host) => {
      hosts.set(address, host);
    },
    hostOf: (address) => hosts.get(address) ?? null,
  };
};

// Which addresses a network hands out. All of them exist only inside the namespaces.

/** How many endpoint addresses a network has: 10.77.0.0/16 without its first four, as Azure reserves them, and its last. */
export const endpointAddressCount = 65536 - 4 - 1;

/** How many synthetic addresses a worker can be given: 198.18.0.0/15 without its first and last. */
export const syntheticAddressCount = 131072 - 2;

const at = (base: number, index: number, count: number): string => {
  if (!Number.isInteger(index) || index < 0 || index >= count)
    throw new RangeError(`address index ${index} is outside 0..${count - 1}`);
  const value = base + index;
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
};

/** The private address of the endpoint that has `index` (from 0) in its network. RangeError where the network is full. */
export const endpointAddress = (index: number): string => at(0x0a4d0004, index, endpointAddressCount);

/** The `index`-th (from 0) synthetic address, which stands for one public name. RangeError where none is left. */
export const syntheticAddress = (index: number): string => at(0xc6120001, index, syntheticAddressCount);

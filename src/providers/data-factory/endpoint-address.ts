import type { Operation } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { endpointAddress, endpointAddressCount } from '../../network/policy/address-plan.ts';

/** How many endpoints a network may hold: Azure's own limit for a virtual network. */
export const endpointLimit = Math.min(1000, endpointAddressCount);

/** Gives an endpoint the first address of its network that is free, and writes it down. 409 `QuotaExceeded` where the network is full. */
export const allotAddress = async (operation: Operation, networkKey: string, endpointKey: string): Promise<string> => {
  const rows = await operation.tx
    .selectFrom('address')
    .select('address')
    .where('network_key', '=', networkKey)
    .execute();
  if (rows.length >= endpointLimit)
    throw new ServiceError(
      409,
      'QuotaExceeded',
      `The managed virtual network holds ${rows.length} managed private endpoints, and no more are possible. Delete one that is not needed.`,
      { target: operation.id.path },
    );
  const taken = new Set(rows.map(({ address }) => address));
  let index = 0;
  while (taken.has(endpointAddress(index))) index += 1;
  const address = endpointAddress(index);
  await operation.tx
    .insertInto('address')
    .values({ network_key: networkKey, address, endpoint_key: endpointKey })
    .execute();
  return address;
};

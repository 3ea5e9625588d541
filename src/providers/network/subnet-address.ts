import type { Operation, Resource } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { addressOf, readAddress, usableAddresses } from './address-space.ts';
import { prefixesOf } from './subnet-body.ts';

const refuse = (code: string, message: string, target: string) => new ServiceError(400, code, message, { target });

/**
 * Gives an endpoint the address `asked` (null: the first that is free) of a subnet, and writes it down. Errors:
 * `PrivateIPAddressNotInSubnet`, `PrivateIPAddressIsAllocated`, `SubnetIsFull`.
 */
export const allotSubnetAddress = async (
  operation: Operation,
  subnet: Resource,
  endpointKey: string,
  asked: { text: string; field: string } | null,
): Promise<void> => {
  const rows = await operation.tx
    .selectFrom('address')
    .select('address')
    .where('network_key', '=', subnet.key)
    .execute();
  const taken = new Set(rows.map(({ address }) => address));
  const ranges = prefixesOf(subnet.body).map(usableAddresses);
  const place = prefixesOf(subnet.body).join(', ');
  let address: string | undefined;
  if (asked) {
    const value = readAddress(asked.text);
    if (value === null || !ranges.some(({ first, last }) => value >= first && value <= last))
      throw refuse(
        'PrivateIPAddressNotInSubnet',
        `The address '${asked.text}' is not one that subnet '${subnet.name}' (${place}) can give: its first four addresses and its last are reserved.`,
        asked.field,
      );
    if (taken.has(asked.text))
      throw refuse(
        'PrivateIPAddressIsAllocated',
        `The address ${asked.text} of subnet '${subnet.name}' is in use. Choose another, or leave it out.`,
        asked.field,
      );
    address = asked.text;
  } else
    for (const { first, last } of ranges)
      for (let value = first; value <= last && address === undefined; value += 1)
        if (!taken.has(addressOf(value))) address = addressOf(value);
  if (address === undefined)
    throw refuse(
      'SubnetIsFull',
      `Subnet ${subnet.name} with address prefix ${place} does not have enough capacity for 1 IP address. Delete a private endpoint in it, or use another subnet.`,
      'properties.subnet.id',
    );
  await operation.tx
    .insertInto('address')
    .values({ network_key: subnet.key, address, endpoint_key: endpointKey })
    .execute();
};

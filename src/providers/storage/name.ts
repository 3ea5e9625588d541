import type { NameRule } from '../../arm/resource-type.ts';

/** Names of storage accounts: part of a host name, and so unique everywhere. */
export const accountName: NameRule = {
  pattern: /^[a-z0-9]+$/,
  min: 3,
  max: 24,
  says: 'lower-case letters and digits only',
};

import type { NameRule } from '../../arm/resource-type.ts';

const says =
  'letters, digits, underscores, periods and hyphens, beginning with a letter or digit and not ending with a period or hyphen';
const pattern = /^[A-Za-z0-9]([\w.-]*\w)?$/;

/** Names of virtual networks and private endpoints. */
export const networkName: NameRule = { pattern, min: 2, max: 64, says };

/** Names of subnets, zone groups and interfaces. */
export const partName: NameRule = { pattern, min: 1, max: 80, says };

// Names that a requester brings along: those of an endpoint to a Private Link Service are the user's own, and not made
// from the target's name as all others are. Pure.
import { canonicalHost, isPublicHost } from './host-name.ts';
import { isStorageHost, zones } from './zone.ts';

/** Names that other targets have, or could have: whoever could bring these would stand in the way of another's store. */
const takenSuffixes = [...new Set(zones.flatMap(({ publicSuffix, privateSuffix }) => [publicSuffix, privateSuffix]))];

/** Domains that never are public and that private networks use for themselves. */
const insideOnly = /\.(internal|local)$/;

const isBelow = (host: string, suffix: string) => host === suffix || host.endsWith(`.${suffix}`);

/** The one spelling of a name that an endpoint may bring along, or why it may not, in words that follow the name. */
export const readOwnName = (name: string): { host: string } | { refused: string } => {
  const host = canonicalHost(name);
  if (host === null) return { refused: 'is no host name: letters, digits and hyphens between dots, no wildcard' };
  if (!isPublicHost(host) && !(host.split('.').length > 1 && insideOnly.test(host)))
    return { refused: 'is no full host name: give one with its domain, such as db.corp.example' };
  const suffix = takenSuffixes.find((one) => isBelow(host, one));
  if (suffix !== undefined || isStorageHost(host))
    return { refused: `is a name of Azure's own services (${suffix ?? 'storage'}), which belong to other targets` };
  return { host };
};

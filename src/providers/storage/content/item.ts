// What containers and shares have in common, as ARM tells it. Pure.
import type { JsonObject } from '../../../base/json.ts';
import type { ContentKind } from './content-type.ts';

type Told = {
  metadata?: Record<string, string>;
  properties: { lastModified: Date; leaseStatus?: string; leaseState?: string; leaseDuration?: string };
};

/** Words of a store begin with a small letter, those of ARM with a capital one. */
export const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

/** When it changed, its lease and its metadata. */
export const factsOf = ({ metadata, properties }: Told): JsonObject => ({
  lastModifiedTime: properties.lastModified.toISOString(),
  ...(properties.leaseStatus && { leaseStatus: capital(properties.leaseStatus) }),
  ...(properties.leaseState && { leaseState: capital(properties.leaseState) }),
  ...(properties.leaseDuration && { leaseDuration: capital(properties.leaseDuration) }),
  ...(metadata && Object.keys(metadata).length > 0 && { metadata }),
});

/** Azure's rule for their names. */
export const itemName: ContentKind['name'] = {
  pattern: /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/,
  min: 3,
  max: 63,
  says: 'lower-case letters, digits and single hyphens, beginning and ending with a letter or digit',
};

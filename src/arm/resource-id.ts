// Ids of resources: `/subscriptions/{s}/resourceGroups/{g}/providers/{namespace}/{type}/{name}/...`. Routes and the
// ids in bodies are read by the same function.
import { ServiceError } from '../base/error.ts';

/** A parsed ARM id. Segments keep the caller's case; compare with `key`. */
export type ResourceId = {
  /** As asked for, duplicate and trailing slashes gone. */
  path: string;
  /** `path` in lower case. */
  key: string;
  subscriptionId: string | null;
  resourceGroup: string | null;
  /** Provider namespace and type segments as asked for; null for subscriptions and resource groups. */
  namespace: string | null;
  types: readonly string[];
  names: readonly string[];
};

// Control and format characters make two names look alike; a slash makes one name look like two.
const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/]/u;

/** Refuses a segment that could be read as something else: empty, `.`, `..`, or with control or invisible characters. */
export const checkSegment = (segment: string): string => {
  if (segment === '' || segment === '.' || segment === '..' || hostile.test(segment))
    throw new ServiceError(
      400,
      'InvalidResourceName',
      `The path segment ${JSON.stringify(segment)} is not allowed: a name may not be empty, '.' or '..', nor hold slashes, control or invisible characters.`,
      { target: 'path' },
    );
  return segment;
};

/** The id with these path segments. The last `providers` of an id of an extension decides its namespace. */
export const idOfSegments = (segments: readonly string[]): ResourceId => {
  const lower = segments.map((segment) => segment.toLowerCase());
  const path = `/${segments.join('/')}`;
  const subscriptionId = lower[0] === 'subscriptions' ? (segments[1] ?? null) : null;
  const resourceGroup = subscriptionId !== null && lower[2] === 'resourcegroups' ? (segments[3] ?? null) : null;
  const scopeLength = resourceGroup !== null ? 4 : subscriptionId !== null ? 2 : 0;
  let provider = lower[scopeLength] === 'providers' ? scopeLength : -1;
  for (let at = provider + 4; provider >= 0 && at < lower.length; at += 2) if (lower[at] === 'providers') provider = at;
  const chain = provider < 0 ? [] : segments.slice(provider + 2);
  return {
    path,
    key: path.toLowerCase(),
    subscriptionId,
    resourceGroup,
    namespace: provider < 0 ? null : (segments[provider + 1] ?? null),
    types: chain.filter((_, index) => index % 2 === 0),
    names: chain.filter((_, index) => index % 2 === 1),
  };
};

/** Reads an id out of a body. `field` is named in the error (`InvalidResourceId`) where the text is not an id. */
export const parseResourceId = (text: string, field: string): ResourceId => {
  const segments = text.split('/').filter((segment) => segment !== '');
  const wrong = (why: string) =>
    new ServiceError(
      400,
      'InvalidResourceId',
      `'${field}' must be a full resource id, as /subscriptions/{id}/resourceGroups/{group}/providers/{namespace}/{type}/{name}: ${why}.`,
      { target: field },
    );
  if (!text.startsWith('/')) throw wrong('it does not start with /');
  if (text.length > 2048) throw wrong('it is longer than 2048 characters');
  for (const segment of segments)
    if (segment === '.' || segment === '..' || hostile.test(segment) || /[%?#]/.test(segment))
      throw wrong(`the segment ${JSON.stringify(segment)} is not allowed`);
  const id = idOfSegments(segments);
  if (id.subscriptionId === null) throw wrong('it names no subscription');
  if (id.namespace !== null && (id.names.length === 0 || id.names.length !== id.types.length))
    throw wrong('its last type has no name');
  return id;
};

/** The type of an id, as asked for: `Microsoft.Storage/storageAccounts`. Null where the id is no provider's. */
export const typeOfId = (id: ResourceId): string | null =>
  id.namespace === null ? null : [id.namespace, ...id.types].join('/');

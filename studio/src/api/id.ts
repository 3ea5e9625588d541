// Ids of resources, taken apart and put together.

/** `Microsoft.DataFactory/factories/pipelines`: the type that an id names, '' where it names none. */
export const typeOf = (id: string): string => {
  const below = id.split(/\/providers\//i).at(-1);
  if (below === undefined || below === id) return '';
  const [provider, ...rest] = below.split('/');
  return [provider, ...rest.filter((_, index) => index % 2 === 0)].join('/');
};

/** The resource group in an id, '' where there is none. */
export const groupOf = (id: string): string => /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? '';

/** Everything above the last two segments. */
export const parentOf = (id: string): string => id.split('/').slice(0, -2).join('/');

/** Whether two ids are of one resource. */
export const isSameId = (one: string | null | undefined, other: string | null | undefined): boolean =>
  (one ?? '').toLowerCase() === (other ?? '').toLowerCase();

/** The factory that an id stands in, or null. */
export const factoryOf = (id: string): string | null =>
  /^.*?\/providers\/Microsoft\.DataFactory\/factories\/[^/]+/i.exec(id)?.[0] ?? null;

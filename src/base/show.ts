// How sizes, spans and ids are shown to people, in a terminal, a report or a browser. Pure.

/** A byte count for people: `12.3 MB`. Powers of ten. */
export const bytes = (count: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  return `${power === 0 ? count : (count / 1000 ** power).toFixed(1)} ${units[power]}`;
};

/** A duration for people: `4 ms`, `1.2 s`. */
export const duration = (milliseconds: number): string =>
  milliseconds < 10
    ? `${milliseconds.toFixed(1)} ms`
    : milliseconds < 1000
      ? `${Math.round(milliseconds)} ms`
      : `${(milliseconds / 1000).toFixed(1)} s`;

/** The last segment of an id. */
export const nameIn = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** Ids of resources without what they all begin with: to be read, not to be copied. */
export const shortIds = (text: string): string =>
  text.replace(/\/subscriptions\/[^/\s]+\/resourceGroups\/[^/\s]+\/providers\/[^/\s]+\//gi, '…/');

/** The one api-version of what is Postern's own. */
export const posternVersions = ['2026-11-01'] as const;

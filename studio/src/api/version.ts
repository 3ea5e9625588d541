// Which api-version each provider is asked with. A path names its provider, so no caller says it.

const versions: Readonly<Record<string, string>> = {
  'microsoft.datafactory': '2018-06-01',
  'microsoft.storage': '2025-08-01',
  'microsoft.keyvault': '2023-07-01',
  'microsoft.sql': '2021-11-01',
  'microsoft.documentdb': '2025-10-15',
  'microsoft.synapse': '2021-06-01',
  'microsoft.network': '2025-05-01',
  'microsoft.authorization': '2022-04-01',
};

/** The api-version for a path: that of its last provider; our own operations have one, resource groups another. */
export const versionFor = (path: string): string => {
  const provider = [...path.matchAll(/\/providers\/([^/?]+)\//gi)].at(-1)?.[1]?.toLowerCase();
  if (provider === undefined) return '2021-04-01';
  return provider.startsWith('postern.') ? '2026-11-01' : (versions[provider] ?? '2021-04-01');
};

/** The one api-version of Microsoft.DataFactory. */
export const dataFactoryVersions = ['2018-06-01'] as const;

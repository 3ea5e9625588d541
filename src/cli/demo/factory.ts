// The resources of the demo, as bodies of Azure's REST API. Each is what an engineer's own factory JSON would hold.
import type { JsonObject } from '../../base/json.ts';

const reference = (type: string, name: string) => ({ referenceName: name, type });

/** A blob linked service that runs in the sealed runtime. */
export const linkedService = (account: string, key: string): JsonObject => ({
  properties: {
    type: 'AzureBlobStorage',
    connectVia: reference('IntegrationRuntimeReference', 'sealed'),
    typeProperties: {
      connectionString: `DefaultEndpointsProtocol=https;AccountName=${account};AccountKey=${key};EndpointSuffix=core.windows.net`,
    },
  },
});

/** One file or folder of delimited text (with a header) or of bytes. */
export const dataset = (
  type: 'DelimitedText' | 'Binary',
  linkedServiceName: string,
  location: { container: string; folderPath?: string; fileName?: string },
): JsonObject => ({
  properties: {
    type,
    linkedServiceName: reference('LinkedServiceReference', linkedServiceName),
    typeProperties: {
      location: { type: 'AzureBlobStorageLocation', ...location },
      ...(type === 'DelimitedText' && {
        columnDelimiter: ',',
        quoteChar: '"',
        escapeChar: '\\',
        firstRowAsHeader: true,
      }),
    },
  },
});

/** A pipeline of one Copy activity. */
export const copyPipeline = (type: 'DelimitedText' | 'Binary', input: string, output: string): JsonObject => ({
  properties: {
    activities: [
      {
        name: 'Copy',
        type: 'Copy',
        policy: { timeout: '0.00:10:00', retry: 0 },
        inputs: [reference('DatasetReference', input)],
        outputs: [reference('DatasetReference', output)],
        typeProperties: {
          source: { type: `${type}Source`, storeSettings: { type: 'AzureBlobStorageReadSettings', recursive: true } },
          sink: { type: `${type}Sink`, storeSettings: { type: 'AzureBlobStorageWriteSettings' } },
        },
      },
    ],
  },
});

// What a client asks first of a cloud that it does not know: where its endpoints are, and how its stores' names end.
// Nobody has a token yet, and nothing here is a secret.
import { ServiceError } from '../base/error.ts';
import type { JsonObject } from '../base/json.ts';
import { checkApiVersion } from './api-version.ts';
import { normalizeLocation, regions } from './location.ts';
import type { RequestUrl } from './request-url.ts';

/** The name of this cloud. */
const name = 'Postern';

const versions = [
  '2015-01-01',
  '2018-01-01',
  '2018-05-01',
  '2019-05-01',
  '2019-10-01',
  '2020-06-01',
  '2022-09-01',
  '2023-11-01',
];

/** True for the path that cloud metadata are asked at. */
export const isForCloud = ({ segments }: RequestUrl): boolean =>
  segments.length === 2 && segments.join('/').toLowerCase() === 'metadata/endpoints';

const authentication = (origin: string) => ({
  loginEndpoint: origin,
  audiences: ['https://management.azure.com/', `${origin}/`],
  tenant: 'common',
  identityProvider: 'AAD',
});

const suffixes = {
  keyVaultDns: 'vault.azure.net',
  sqlServerHostname: 'database.windows.net',
  storage: 'core.windows.net',
  synapseAnalytics: 'dev.azuresynapse.net',
};

const cloud = (origin: string): JsonObject => ({
  name,
  portal: `${origin}/studio/`,
  resourceManager: origin,
  authentication: authentication(origin),
  graph: origin,
  graphAudience: 'https://graph.windows.net/',
  microsoftGraphResourceId: 'https://graph.microsoft.com/',
  batch: 'https://batch.core.windows.net/',
  sqlManagement: 'https://management.core.windows.net:8443/',
  synapseAnalyticsResourceId: 'https://dev.azuresynapse.net',
  suffixes,
});

/**
 * The metadata of this cloud, as Azure Resource Manager gives them for that api-version: of 2015 the endpoints alone,
 * of 2018 with locations, of 2019 and 2020 a list of clouds (`az` with ARM_CLOUD_METADATA_URL), later one cloud (`az cloud
 * register`, Terraform's `metadata_host`).
 */
export const cloudMetadata = (method: string, query: RequestUrl['query'], origin: string): unknown => {
  if (method !== 'GET' && method !== 'HEAD')
    throw new ServiceError(405, 'MethodNotAllowed', `${method} is not possible here. Possible: GET.`, {
      headers: { allow: 'GET, HEAD' },
    });
  const version = checkApiVersion(query['api-version'], versions, 'metadata/endpoints');
  if (version >= '2022') return cloud(origin);
  if (version >= '2019') return [cloud(origin)];
  const { loginEndpoint, audiences } = authentication(origin);
  const portalEndpoint = `${origin}/studio/`;
  if (version < '2018')
    return { galleryEndpoint: '', graphEndpoint: origin, portalEndpoint, authentication: { loginEndpoint, audiences } };
  const locations = regions.map(normalizeLocation);
  return { cloudEndpoint: { [name]: { endpoint: origin, locations } } };
};

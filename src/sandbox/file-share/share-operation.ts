// Operations on shares.
import { pageAfter, pageSize } from '../storage-account/list-page.ts';
import { invalidInput, StorageError } from '../storage-account/storage-error.ts';
import type { StorageRequest } from '../storage-account/storage-request.ts';
import type { StorageAnswer } from '../storage-account/storage-server.ts';
import { readMetadata, type ShareOperation, versionHeaders, writeMetadata } from './ask.ts';
import { isShareName } from './entry-name.ts';
import type { Share } from './share-index.ts';
import { newEtag } from './share-tree.ts';
import { element, xmlDocument } from './xml.ts';

const defaultQuota = 5120;
const mostQuota = 102_400;

/** An XML answer. */
export const xmlAnswer = (root: string, headers: Record<string, string> = {}): StorageAnswer => ({
  status: 200,
  headers: { ...headers, 'content-type': 'application/xml' },
  body: xmlDocument(root),
});

const readQuota = (request: StorageRequest, otherwise: number): number => {
  const text = request.header('x-ms-share-quota');
  if (text === undefined) return otherwise;
  const quota = Number(text);
  if (!Number.isInteger(quota) || quota < 1 || quota > mostQuota)
    throw invalidInput(
      'InvalidHeaderValue',
      'x-ms-share-quota',
      `must be a whole number of GiB from 1 to ${mostQuota}`,
    );
  return quota;
};

const fresh = () => ({ etag: newEtag(), modified: Date.now() });

const list: ShareOperation = {
  need: { level: 'service', anyOf: 'l' },
  run: ({ request, tree }) => {
    const prefix = request.query.get('prefix') ?? '';
    const { page, next } = pageAfter(
      tree.index.shares().filter(({ name }) => name.startsWith(prefix)),
      ({ name }) => name,
      pageSize(request, 'maxresults'),
      request.query.get('marker'),
    );
    const shares = page.map(({ name, quota, etag, modified, metadata }) =>
      element('Share', [
        element('Name', name),
        element('Properties', [
          element('Last-Modified', new Date(modified).toUTCString()),
          element('Etag', etag),
          element('Quota', quota),
          element('LeaseStatus', 'unlocked'),
          element('LeaseState', 'available'),
        ]),
        element(
          'Metadata',
          Object.entries(metadata).map(([key, value]) => element(key, value)),
        ),
      ]),
    );
    return xmlAnswer(
      `<EnumerationResults ServiceEndpoint="https://${request.account}.file.core.windows.net/">${element('Prefix', prefix)}${element('Shares', shares)}${element('NextMarker', next ?? '')}</EnumerationResults>`,
    );
  },
};

const create: ShareOperation = {
  need: { level: 'container', anyOf: 'cw' },
  run: ({ request, tree, share: name }) => {
    if (!isShareName(name))
      throw new StorageError(
        400,
        'InvalidResourceName',
        'A share is named by 3 to 63 lower-case letters, digits and single hyphens.',
      );
    if (tree.index.share(name))
      throw new StorageError(409, 'ShareAlreadyExists', 'The specified share already exists.');
    const share: Share = {
      name,
      quota: readQuota(request, defaultQuota),
      metadata: readMetadata(request),
      ...fresh(),
    };
    tree.index.putShare(share);
    return { status: 201, headers: { ...versionHeaders(share), 'x-ms-share-quota': `${share.quota}` } };
  },
};

const properties: ShareOperation = {
  need: { level: 'container', anyOf: 'rl' },
  run: ({ tree, share: name }) => {
    const share = tree.share(name);
    return {
      status: 200,
      headers: {
        ...versionHeaders(share),
        ...writeMetadata(share.metadata),
        'x-ms-share-quota': `${share.quota}`,
        'x-ms-access-tier': 'TransactionOptimized',
        'x-ms-lease-status': 'unlocked',
        'x-ms-lease-state': 'available',
      },
    };
  },
};

const changed = (change: (request: StorageRequest, share: Share) => Partial<Share>): ShareOperation => ({
  need: { level: 'container', anyOf: 'w' },
  run: ({ request, tree, share: name }) => {
    const before = tree.share(name);
    const share = { ...before, ...change(request, before), ...fresh() };
    tree.index.putShare(share);
    return { status: 200, headers: versionHeaders(share) };
  },
});

const remove: ShareOperation = {
  need: { level: 'container', anyOf: 'd' },
  run: async ({ tree, share: name, contents }) => {
    tree.share(name);
    await contents.remove(tree.index.removeShare(name));
    return { status: 202 };
  },
};

const statistics: ShareOperation = {
  need: { level: 'container', anyOf: 'r' },
  run: ({ tree, share: name }) => {
    const share = tree.share(name);
    const usage = element('ShareUsageBytes', tree.index.usedBytes(name));
    return xmlAnswer(element('ShareStats', [usage]), versionHeaders(share));
  },
};

/** By method, what it is about, and the part of it. */
export const shareOperations: Readonly<Record<string, ShareOperation>> = {
  'GET account list': list,
  'PUT share': create,
  'GET share': properties,
  'HEAD share': properties,
  'PUT share properties': changed((request, { quota }) => ({ quota: readQuota(request, quota) })),
  'PUT share metadata': changed((request) => ({ metadata: readMetadata(request) })),
  'GET share stats': statistics,
  'DELETE share': remove,
};

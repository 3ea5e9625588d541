// Azure's own clients of a storage account that the sandbox runs, as its owner. Each kind is loaded when it is asked for
// first: most of those who start a Postern never need them.
import type { TableServiceClientOptions } from '@azure/data-tables';
import type { StorageOwner } from './sandbox.ts';

/** Where an account listens, and what opens it. `ca` is PEM. */
export type StoragePlace = { account: string; key: string; ca: string; ports: Readonly<Record<Face, number>> };

type Face = 'blob' | 'file' | 'table';

/** The clients of one account. Nothing is sent yet. */
export const storageOwner = ({ account, key, ca, ports }: StoragePlace): StorageOwner => {
  const url = (face: Face) => `https://127.0.0.1:${ports[face]}/${account}`;
  // One try: whoever asks is told at once. A connection for each: none leads to a process that has ended.
  const options = {
    retryOptions: { maxTries: 1 },
    keepAliveOptions: { enable: false },
    tlsOptions: { ca },
  };
  const tableOptions: TableServiceClientOptions = {
    retryOptions: { maxRetries: 0 },
    tlsOptions: { ca },
    additionalPolicies: [
      {
        position: 'perCall',
        policy: {
          name: 'newConnection',
          sendRequest: (request, next) => next(Object.assign(request, { disableKeepAlive: true })),
        },
      },
    ],
  };
  return {
    blobs: async () => {
      const { BlobServiceClient, StorageSharedKeyCredential } = await import('@azure/storage-blob');
      return new BlobServiceClient(url('blob'), new StorageSharedKeyCredential(account, key), options);
    },
    shares: async () => {
      const { ShareServiceClient, StorageSharedKeyCredential } = await import('@azure/storage-file-share');
      return new ShareServiceClient(url('file'), new StorageSharedKeyCredential(account, key), options);
    },
    tables: async () => {
      const { AzureNamedKeyCredential, TableServiceClient } = await import('@azure/data-tables');
      return new TableServiceClient(url('table'), new AzureNamedKeyCredential(account, key), tableOptions);
    },
    table: async (name) => {
      const { AzureNamedKeyCredential, TableClient } = await import('@azure/data-tables');
      return new TableClient(url('table'), name, new AzureNamedKeyCredential(account, key), tableOptions);
    },
  };
};

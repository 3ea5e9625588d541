// Containers of the bare stores by the official SDK, for the programs that are measured without Postern.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { parseArgs } from 'node:util';
import { BlobServiceClient, type ContainerClient, newPipeline, StorageSharedKeyCredential } from '@azure/storage-blob';

export type Place = { account: string; port: number; container: string };

const option = { type: 'string' } as const;

/** The arguments of a program that is measured without Postern: whom it trusts, and how it signs and logs in. */
export const programValues = () =>
  parseArgs({ options: { ca: option, key: option, user: option, password: option, database: option, host: option } })
    .values;

/** Opens containers as the program's arguments `--ca` and `--key` say. Their real host names lead to loopback. */
export const openContainers = (): ((place: Place) => ContainerClient) => {
  const values = programValues();
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(values.ca!),
    lookup: (_host, options, done) =>
      options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
  });
  return ({ account, port, container }) => {
    const pipeline = newPipeline(new StorageSharedKeyCredential(account, values.key!));
    pipeline.factories.push({
      create: (next) => ({ sendRequest: (request) => next.sendRequest(Object.assign(request, { agent })) }),
    });
    const service = new BlobServiceClient(`https://${account}.blob.core.windows.net:${port}`, pipeline);
    return service.getContainerClient(container);
  };
};

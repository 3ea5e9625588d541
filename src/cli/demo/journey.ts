// The journey that Postern is for, acted by an engineer and a store owner on real parts: a pipeline fails because its
// endpoints wait for approval, succeeds once the owner approves, and is cut off when the owner changes their mind.

import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { Readable } from 'node:stream';
import { BlobServiceClient, newPipeline, StorageSharedKeyCredential } from '@azure/storage-blob';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { bytes, duration, shortIds } from '../../base/show.ts';
import type { Client } from '../client.ts';
import { values } from '../identity.ts';
import { storeEndpoints, storeKey } from '../store.ts';
import { paint } from '../terminal.ts';
import { copyPipeline, dataset, linkedService } from './factory.ts';
import { movies } from './movies.ts';
import { decide, endpointState, openPerson, reasons } from './person.ts';
import { runPipeline } from './run.ts';
import { copyProgress, type Stage } from './stage.ts';

const region = 'westeurope';
const adf = 'api-version=2018-06-01';
const storage = 'api-version=2025-08-01';
const rowCount = 100_000;
const archiveBytes = 256 * 1024 * 1024;

const object = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

/** A client for the account's sandbox store from the host: loopback address, the account's key, the local authority. */
const blobs = async (admin: Client, account: string, key: string) => {
  const { blob } = await storeEndpoints(admin, account);
  const name = account.split('/').at(-1)!;
  const pipeline = newPipeline(new StorageSharedKeyCredential(name, key));
  const agent = new Agent({ keepAlive: true, ca: await readFile(admin.connection.caFile) });
  pipeline.factories.unshift({
    create: (next: { sendRequest(request: { agent?: unknown }): unknown }) => ({
      sendRequest: (request: { agent?: unknown }) => {
        request.agent = agent;
        return next.sendRequest(request);
      },
    }),
  } as never);
  return { service: new BlobServiceClient(String(blob), pipeline), close: () => agent.destroy() };
};

/** Plays the whole journey against the Postern that `admin` administers. Throws where an act does not end as it should. */
export const playJourney = async (stage: Stage, admin: Client): Promise<void> => {
  const subscription = `/subscriptions/${admin.connection.subscriptionId}`;
  const group = `${subscription}/resourceGroups/demo`;
  const factory = `${group}/providers/Microsoft.DataFactory/factories/acme-factory`;
  const network = `${factory}/managedVirtualNetworks/default`;
  const account = (name: string) => `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
  const sales = account('acmesales');
  const lake = account('acmelake');
  const answer = async (status: 'Approved' | 'Rejected', description: string, ...accounts: string[]) => {
    for (const id of accounts) await decide(owner, id, storage, { status, description });
  };

  let engineer = admin;
  let owner = admin;
  let tableBytes = 0;

  await stage.act('Two stores, a factory, two people', 'administrator', async (line) => {
    await admin.call('PUT', `${group}?api-version=2021-04-01`, { location: region });
    line.show('starting two storage accounts (Azurite)');
    await Promise.all(
      [sales, lake].map((id) =>
        admin.call('PUT', `${id}?${storage}`, { location: region, kind: 'StorageV2', sku: { name: 'Standard_LRS' } }),
      ),
    );
    engineer = await openPerson(admin, 'engineer', 'Data Factory Contributor', [group]);
    owner = await openPerson(admin, 'owner', 'Storage Account Contributor', [sales, lake]);
    return {
      as: true,
      line: 'acmesales and acmelake run; the engineer is Data Factory Contributor, the owner Storage Account Contributor of both',
    };
  });

  const keys = { sales: await storeKey(owner, sales), lake: await storeKey(owner, lake) };
  await stage.act('Real input', 'owner', async (line) => {
    line.show('uploading a table of films and an archive');
    const salesBlobs = await blobs(admin, sales, keys.sales);
    const lakeBlobs = await blobs(admin, lake, keys.lake);
    try {
      const input = salesBlobs.service.getContainerClient('input');
      await input.create();
      await lakeBlobs.service.getContainerClient('output').create();
      const film = input.getBlockBlobClient('movies.csv');
      await film.uploadStream(movies(rowCount), 8 * 1024 * 1024, 2);
      tableBytes = (await film.getProperties()).contentLength ?? 0;
      const archive = input.getBlockBlobClient('archive.bin');
      const block = Buffer.alloc(16 * 1024 * 1024);
      for (let at = 0; at < block.length; at += 4) block.writeUInt32LE((at * 2654435761) >>> 0, at);
      const chunks = function* () {
        for (let sent = 0; sent < archiveBytes; sent += block.length) yield block;
      };
      await archive.uploadStream(Readable.from(chunks(), { objectMode: false }), block.length, 2, {
        onProgress: ({ loadedBytes }) =>
          line.show(copyProgress({ dataWritten: loadedBytes }, archiveBytes).replace('copying', 'uploading')),
      });
    } finally {
      salesBlobs.close();
      lakeBlobs.close();
    }
    return {
      as: true,
      line: `movies.csv: ${rowCount.toLocaleString('en')} rows, ${bytes(tableBytes)}; archive.bin: ${bytes(archiveBytes)}`,
    };
  });

  await stage.act('A factory in a sealed network, two endpoints requested', 'engineer', async () => {
    await engineer.call('PUT', `${factory}?${adf}`, { location: region });
    await engineer.call('PUT', `${network}?${adf}`, { properties: {} });
    await engineer.call('PUT', `${factory}/integrationRuntimes/sealed?${adf}`, {
      properties: {
        type: 'Managed',
        typeProperties: { computeProperties: { location: 'AutoResolve' } },
        managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
      },
    });
    for (const [name, id] of [
      ['sales-blob', sales],
      ['lake-blob', lake],
    ] as const)
      await engineer.call('PUT', `${network}/managedPrivateEndpoints/${name}?${adf}`, {
        properties: { privateLinkResourceId: id, groupId: 'blob' },
      });
    const resources: [string, JsonObject][] = [
      ['linkedservices/sales', linkedService('acmesales', keys.sales)],
      ['linkedservices/lake', linkedService('acmelake', keys.lake)],
      ['linkedservices/elsewhere', linkedService('somewhereelse', keys.lake)],
      ['datasets/films', dataset('DelimitedText', 'sales', { container: 'input', fileName: 'movies.csv' })],
      ['datasets/filmcopy', dataset('DelimitedText', 'lake', { container: 'output', fileName: 'movies.csv' })],
      ['datasets/leak', dataset('DelimitedText', 'elsewhere', { container: 'output', fileName: 'movies.csv' })],
      ['datasets/archive', dataset('Binary', 'sales', { container: 'input', fileName: 'archive.bin' })],
      ['datasets/archivecopy', dataset('Binary', 'lake', { container: 'output', fileName: 'archive.bin' })],
      ['pipelines/films', copyPipeline('DelimitedText', 'films', 'filmcopy')],
      ['pipelines/leak', copyPipeline('DelimitedText', 'films', 'leak')],
      ['pipelines/archive', copyPipeline('Binary', 'archive', 'archivecopy')],
    ];
    for (const [place, body] of resources) await engineer.call('PUT', `${factory}/${place}?${adf}`, body);
    const { status } = await endpointState(engineer, `${network}/managedPrivateEndpoints/sales-blob`);
    return { as: status === 'Pending', line: `sales-blob and lake-blob are ${paint('yellow', String(status))}` };
  });

  await stage.act('Run while Pending: must fail', 'engineer', async () => {
    const run = await runPipeline(engineer, factory, 'films', () => {});
    const { codes, lines } = reasons(run);
    return {
      as: run.status === 'Failed' && codes.includes('EndpointPending'),
      line: `${run.status} after ${duration(run.elapsedMs)}`,
      more: lines,
    };
  });

  await stage.act('The engineer tries to approve: must be refused', 'engineer', async () => {
    const connections = await owner.call('GET', `${sales}/privateEndpointConnections?${storage}`);
    const [connection] = values(connections);
    const refusal = await engineer.send('PUT', `${connection?.id}?${storage}`, {
      properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'by myself' } },
    });
    const error = object(refusal.body.error);
    return {
      as: refusal.status === 403,
      line: `${refusal.status} ${error.code}`,
      more: [shortIds(String(error.message))],
    };
  });

  await stage.act('The owner approves', 'owner', async () => {
    await answer('Approved', 'Agreed with the sales team', sales, lake);
    const state = await endpointState(engineer, `${network}/managedPrivateEndpoints/sales-blob`);
    return {
      as: state.status === 'Approved',
      line: `the engineer sees ${paint('green', String(state.status))}: “${state.description}”`,
    };
  });

  await stage.act('Run: must succeed', 'engineer', async (line) => {
    let startedAfter: number | undefined;
    const begun = performance.now();
    const run = await runPipeline(engineer, factory, 'films', (output) => {
      if (Number(output.dataRead) > 0) startedAfter ??= performance.now() - begun;
      line.show(copyProgress(output, tableBytes));
    });
    const { output } = run;
    return {
      as: run.status === 'Succeeded' && output.rowsCopied === rowCount,
      line:
        run.status === 'Succeeded'
          ? `${Number(output.rowsCopied).toLocaleString('en')} rows, ${bytes(Number(output.dataWritten))} in ${duration(run.elapsedMs)} (${(Number(output.dataRead) / 1000 / run.elapsedMs).toFixed(1)} MB/s, start included${startedAfter === undefined ? '' : `; first bytes after ${duration(startedAfter)}`}) by ${output.effectiveIntegrationRuntime}`
          : `${run.status}: ${run.error.message}`,
      more: reasons(run).lines,
    };
  });

  await stage.act('From inside, a store without an endpoint: must be refused', 'engineer', async () => {
    const run = await runPipeline(engineer, factory, 'leak', () => {});
    const { codes, lines } = reasons(run);
    return {
      as: run.status === 'Failed' && codes.includes('PrivateEndpointRequired'),
      line: `${run.status} after ${duration(run.elapsedMs)}`,
      more: lines,
    };
  });

  await stage.act('A longer run, and the owner changes their mind: must be cut', 'owner', async (line) => {
    let rejectedIn: number | undefined;
    let copied = 0;
    const run = await runPipeline(engineer, factory, 'archive', async (output) => {
      copied = Math.max(copied, Number(output.dataWritten ?? output.dataRead ?? 0));
      line.show(copyProgress(output, archiveBytes));
      if (copied === 0 || rejectedIn !== undefined) return;
      const asked = performance.now();
      await answer('Rejected', 'The contract has ended', sales);
      rejectedIn = performance.now() - asked;
    });
    const { codes, lines } = reasons(run);
    return {
      as: run.status === 'Failed' && rejectedIn !== undefined && codes.includes('EndpointRejected'),
      line: `${run.status} after ${bytes(copied)} of ${bytes(archiveBytes)}; the rejection answered, with every flow cut, in ${duration(rejectedIn ?? Number.NaN)}`,
      more: lines,
    };
  });
};

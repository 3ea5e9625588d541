// Every code of the policy, by a real flow of a real worker: what the activity run says, what the flow log says and what
// `explain` says are one. A code that is not here fails the last test.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { BlobServiceClient, newPipeline, StorageSharedKeyCredential } from '@azure/storage-blob';
import dnsPacket from 'dns-packet';
import type { ActivityFailure, FailureDetail } from '../../src/base/error.ts';
import { createLog } from '../../src/base/log.ts';
import { workerFolders } from '../../src/network/namespace/prepare.ts';
import { startNetwork } from '../../src/network/network.ts';
import { compileSnapshot } from '../../src/network/policy/compiled-snapshot.ts';
import { decide } from '../../src/network/policy/decide.ts';
import { explain } from '../../src/network/policy/explain.ts';
import type { Endpoint, FlowRecord, Verdict } from '../../src/network/policy/model.ts';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { explainFailure } from '../../src/runtime/explain.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { captiveIn } from '../isolation/true-network.ts';
import { copyBytes, type Factory, openFactory } from '../stand-in/factory.ts';
import { managedKey, publicKey, sampleEndpoint, sampleNetwork, sampleStore } from './sample.ts';

type Row = {
  code: Verdict['code'];
  /** What a linked service points at. */
  host: string;
  port?: number;
  /** A runtime in the managed network, or one without. */
  runtime?: 'sealed' | 'open';
  /** What `explain`, which sends no packet and asks nobody outside, says where it cannot foresee the code. */
  foreseen?: Verdict['code'];
};

const blobOf = (account: string) => `${account}.blob.core.windows.net`;

const rows: readonly Row[] = [
  { code: 'Allowed.PrivateEndpoint', host: blobOf('acmesales') },
  { code: 'Allowed.PublicHttps', host: blobOf('acmesales'), runtime: 'open' },
  { code: 'EndpointPending', host: blobOf('acmepending') },
  { code: 'EndpointRejected', host: blobOf('acmerejected') },
  { code: 'EndpointDisconnected', host: blobOf('acmegone') },
  { code: 'EndpointExpired', host: blobOf('acmeover') },
  { code: 'UnknownPort', host: blobOf('acmesales'), port: 8443 },
  { code: 'StoreUnavailable', host: blobOf('acmedown') },
  { code: 'PrivateEndpointRequired', host: blobOf('somewhereelse') },
  { code: 'PrivateEndpointExists', host: 'acmekeys.vault.azure.net' },
  { code: 'PublicAccessDisabled', host: blobOf('acmeclosed'), runtime: 'open' },
  { code: 'AddressLiteral', host: '10.9.9.9' },
  { code: 'PortNotAllowed', host: 'inside.example.com', port: 8443 },
  { code: 'HostNotAllowed', host: 'unlisted.example.com' },
  { code: 'TargetIsInternal', host: 'inside.example.com', foreseen: 'Allowed.PublicHttps' },
  { code: 'HostUnreachable', host: 'gone.example.com', foreseen: 'Allowed.PublicHttps' },
];

/** Codes that a Copy cannot bring about; tests of their own below do. */
const apart = ['ServerNameMismatch', 'TooManyFlows'] as const;

const accountKey = Buffer.alloc(64, 7).toString('base64');
let folder: string;
let sandbox: Sandbox;
let nameServer: ReturnType<typeof createSocket>;
let network: SealedNetwork;
let factory: Factory;

const startNameServer = async (): Promise<string> => {
  nameServer = createSocket('udp4');
  nameServer.on('message', (question, from) => {
    const { id = 0, questions = [] } = dnsPacket.decode(question);
    const [asked] = questions;
    const isInside = asked?.name === 'inside.example.com';
    const answers =
      isInside && asked.type === 'A' ? [{ type: 'A' as const, name: asked.name, ttl: 1, data: '10.0.0.1' }] : [];
    const answer = { type: 'response' as const, id, flags: isInside ? 0 : 3, questions, answers };
    nameServer.send(dnsPacket.encode(answer), from.port, from.address);
  });
  await once(nameServer.bind(0, '127.0.0.1'), 'listening');
  return `127.0.0.1:${nameServer.address().port}`;
};

/** A file for copies to copy, put there from the host. */
const fillStore = async (port: number, caFile: string): Promise<void> => {
  const agent = new Agent({ ca: await readFile(caFile) });
  const pipeline = newPipeline(new StorageSharedKeyCredential('acmesales', accountKey));
  pipeline.factories.unshift({
    create: (next: { sendRequest(request: { agent?: unknown }): unknown }) => ({
      sendRequest: (request: { agent?: unknown }) => {
        request.agent = agent;
        return next.sendRequest(request);
      },
    }),
  } as never);
  const films = new BlobServiceClient(`https://127.0.0.1:${port}/acmesales`, pipeline).getContainerClient('films');
  await films.create();
  await films.getBlockBlobClient('in.bin').upload('bytes', 5);
  agent.destroy();
};

const reference = (type: string, referenceName: string) => ({ type, referenceName });

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-code-table-'));
  const log = createLog({ level: 'silent' });
  const authority = await openCertificateAuthority(path.join(folder, 'authority'));
  sandbox = await startSandbox({ folder: path.join(folder, 'store'), authority, log });
  const { endpoints: places } = await sandbox.ensureStorageAccount({ name: 'acmesales', keys: [accountKey] });
  const backend = places.blob!;
  await fillStore(backend.port, authority.caFile);
  const projectRoot = path.resolve(import.meta.dirname, '../..');
  network = await startNetwork({
    seal: { projectRoot, folders: [...workerFolders, 'test/isolation'], authority: authority.caFile },
    log,
    nameServers: [await startNameServer()],
    ready: 1,
  });
  const endpointOf = (account: string, index: number, changes: Partial<Endpoint>): Endpoint =>
    sampleEndpoint({
      id: `${managedKey}/managedPrivateEndpoints/${account}`,
      name: account,
      connection: account,
      resourceId: `/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/${account}`,
      address: `10.77.0.${index}`,
      names: [{ host: blobOf(account), privateLinkName: null }],
      backend,
      ...changes,
    });
  await network.apply({
    version: 1,
    networks: [
      sampleNetwork({
        egress: { mode: 'AllowList', audit: false, hosts: ['inside.example.com', 'gone.example.com'] },
        endpoints: [
          endpointOf('acmesales', 4, {}),
          endpointOf('acmepending', 5, { state: 'Pending' }),
          endpointOf('acmerejected', 6, { state: 'Rejected', description: 'not yet' }),
          endpointOf('acmegone', 7, { state: 'Disconnected' }),
          endpointOf('acmeover', 9, { state: 'Expired', expiresAt: '2026-11-01T00:00:00.000Z' }),
          endpointOf('acmedown', 8, { backend: null }),
        ],
      }),
      sampleNetwork({ key: publicKey, kind: 'public', title: 'the public network of factory acme', endpoints: [] }),
    ],
    stores: [
      sampleStore({ host: blobOf('acmesales'), backend }),
      sampleStore({ host: blobOf('acmeclosed'), publicAccess: false }),
      sampleStore({ hasPrivateEndpoint: true }),
    ],
  });
  factory = await openFactory({ sealed: network });
  await factory.furnish();
  await factory.put('integrationruntimes', 'open', { type: 'Managed' });
});

after(async () => {
  await factory?.close();
  await network?.close();
  await sandbox?.close();
  nameServer?.close();
  await rm(folder, { recursive: true, force: true });
});

const copy = copyBytes('in', 'out');

/** Points the factory's two datasets at the row's host. */
const aim = async ({ host, port = 443, runtime = 'sealed' }: Row): Promise<void> => {
  const typeProperties = { serviceEndpoint: `https://${host}${port === 443 ? '' : `:${port}`}`, accountKey };
  const connectVia = reference('IntegrationRuntimeReference', runtime);
  const service = { type: 'AzureBlobStorage', connectVia, typeProperties };
  await factory.put('linkedservices', 'aimed', service, (at) => at.endsWith('accountKey'));
  for (const [name, fileName] of [
    ['in', 'in.bin'],
    ['out', 'out.bin'],
  ] as const)
    await factory.put('datasets', name, {
      type: 'Binary',
      linkedServiceName: reference('LinkedServiceReference', 'aimed'),
      typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'films', fileName } },
    });
};

const told = ({ code, message, remedy }: { code: string; message: string; remedy?: string }) => ({
  code,
  message,
  remedy,
});
const wordsOf = (verdict: Verdict) => (verdict.allow ? { code: verdict.code, message: '', remedy: '' } : told(verdict));

const key = (runtime: Row['runtime'] = 'sealed') => (runtime === 'sealed' ? managedKey : publicKey);

for (const row of rows)
  test(`${row.code}: ${row.host}${row.port ? `:${row.port}` : ''} from runtime ${row.runtime ?? 'sealed'}`, async () => {
    await aim(row);
    const since = new Date().toISOString();
    const run = await factory.run([copy]);
    const flows = await network.flows({ network: key(row.runtime), since });
    assert.deepEqual([...new Set(flows.map(({ code }) => code))], [row.code]);
    const explained = explain(compileSnapshot(network.current()), key(row.runtime), {
      host: row.host,
      port: row.port ?? 443,
    });
    const foreseen = wordsOf(explained.verdict);
    assert.equal(foreseen.code, row.foreseen ?? row.code);
    const noted = told(flows[0]!);
    if (!row.foreseen) assert.deepEqual(noted, foreseen);
    if (row.code.startsWith('Allowed')) return assert.equal(run.status, 'Succeeded', run.message);
    assert.equal(run.status, 'Failed');
    const { error } = run.activities[0]!;
    const [why] = error.details as FailureDetail[];
    assert.deepEqual(told(why!), noted);
    assert.ok(noted.message.length > 20 && noted.remedy!.length > 20);
    assert.ok(error.message.startsWith(noted.message), error.message);
    assert.ok(run.message.includes(noted.message), run.message);
  });

/** What an activity whose worker had these flows would say. */
const saidAtActivity = (flows: readonly FlowRecord[]) => {
  const failure: ActivityFailure = {
    errorCode: 'E',
    message: 'reset',
    failureType: 'UserError',
    target: 'Copy',
    details: [],
  };
  return told(explainFailure(failure, flows, network.current()).details[0]!);
};

test('ServerNameMismatch: a hello that names another host, or none, than the one that was resolved', async () => {
  const hostile = await captiveIn(network, 'hostile', managedKey);
  for (const serverName of ['else.example.com', '']) {
    const target = { host: 'inside.example.com', port: 443, serverName, hostHeader: 'inside.example.com' };
    assert.equal(await hostile.act('https', target), 'ECONNRESET');
    const [flow, ...more] = await hostile.flows();
    assert.deepEqual([flow?.code, more], ['ServerNameMismatch', []]);
    const asked = { ...flow!, serverName: serverName === '' ? null : serverName };
    assert.deepEqual(told(flow!), wordsOf(decide(compileSnapshot(network.current()), asked)));
    assert.deepEqual(saidAtActivity([flow!]), told(flow!));
  }
  const twin = { host: 'inside.example.com', port: 443, serverName: 'inside.example.com', hostHeader: 'any' };
  assert.equal(await hostile.act('https', twin), 'ECONNRESET');
  assert.equal((await hostile.flows())[0]?.code, 'TargetIsInternal', 'the right name is let on to the next rule');
  await hostile.end();
});

test('TooManyFlows: one connection more than a worker may have', async () => {
  const greedy = await captiveIn(network, 'greedy', managedKey);
  await greedy.act('keepOpen', { host: blobOf('acmesales'), port: 443, count: 256 });
  assert.equal(await greedy.act('dial', { host: '10.77.0.4', port: 443 }), 'ECONNRESET');
  const refused = (await greedy.flows()).filter(({ verdict }) => verdict === 'denied');
  assert.deepEqual(
    refused.map(({ code }) => code),
    ['TooManyFlows'],
  );
  assert.ok(refused[0]!.message.length > 20 && refused[0]!.remedy.length > 20);
  assert.deepEqual(saidAtActivity(refused), told(refused[0]!));
  await greedy.end();
});

test('every code of the policy has its row', async () => {
  const source = await readFile(new URL('../../src/network/policy/model.ts', import.meta.url), 'utf8');
  const denials = /export type DenyCode =([^;]+);/.exec(source)![1]!.match(/\w+(?=')/g)!;
  const allowed = [...source.matchAll(/code: '(Allowed\.\w+)'/g)].map(([, code]) => code!);
  const here: string[] = [...rows.map(({ code }) => code), ...apart];
  assert.deepEqual([...new Set([...denials, ...allowed])].sort(), [...here].sort());
});

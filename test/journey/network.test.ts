// The network tells the truth: what explain says, what a real worker meets and what the gateway recorded are one thing,
// over HTTP and in the command.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { JsonObject } from '../../src/base/json.ts';
import { copyPipeline, dataset, linkedService } from '../../src/cli/demo/factory.ts';
import type { Explained, Reachability, ShownDecision, ShownFlow } from '../../src/cli/network-shape.ts';
import { storeKey } from '../../src/cli/store.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';

const factoryVersion = 'api-version=2018-06-01';
const storageVersion = 'api-version=2025-08-01';
const host = 'truthsource.blob.core.windows.net';

let postern: RunningPostern;
let factory: string;
let group: string;

/** Runs the command as a person would. */
const command = async (...words: string[]) => {
  const bin = path.resolve(import.meta.dirname, '../../bin/postern.js');
  const child = spawn(process.execPath, [bin, ...words, '--data', postern.dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (complaint += piece));
  const [status] = (await once(child, 'close')) as [number];
  return { status, out: stripVTControlCharacters(out), complaint };
};

const account = (name: string) => `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
const connection = async () => {
  const list = await postern.admin.call(
    'GET',
    `${account('truthsource')}/privateEndpointConnections?${storageVersion}`,
  );
  return (list.value as unknown as { id: string }[])[0]!;
};
const answer = async (status: string, description: string) =>
  postern.admin.call('PUT', `${(await connection()).id}?${storageVersion}`, {
    properties: { privateLinkServiceConnectionState: { status, description } },
  });

/** Runs the copy to its end and answers with its activity run. */
const runCopy = async (): Promise<{ activityRunId: string; error: { details: { code: string }[] } }> => {
  const { admin } = postern;
  const { runId } = await admin.call('POST', `${factory}/pipelines/copy/createRun?${factoryVersion}`, {});
  const filter: JsonObject = { lastUpdatedAfter: '2020-01-01T00:00:00Z', lastUpdatedBefore: '2100-01-01T00:00:00Z' };
  for (;;) {
    const run = await admin.call('GET', `${factory}/pipelineruns/${String(runId)}?${factoryVersion}`);
    if (['Succeeded', 'Failed', 'Cancelled'].includes(String(run.status))) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const runs = await admin.call(
    'POST',
    `${factory}/pipelineruns/${String(runId)}/queryActivityruns?${factoryVersion}`,
    filter,
  );
  return (runs.value as unknown as Awaited<ReturnType<typeof runCopy>>[])[0]!;
};

before(async () => {
  // Nothing listens on port 9 of loopback: what is admitted, and does not answer.
  postern = await startPosternProcess(undefined, ['--public-host', 'partner.example.com=127.0.0.1:9']);
  const { admin, connection: where } = postern;
  group = `/subscriptions/${where.subscriptionId}/resourceGroups/truth`;
  factory = `${group}/providers/Microsoft.DataFactory/factories/truth`;
  await admin.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await admin.call('PUT', `${factory}?${factoryVersion}`, { location: 'westeurope' });
  const inFactory = (name: string, body: JsonObject) => admin.call('PUT', `${factory}/${name}?${factoryVersion}`, body);
  await inFactory('managedVirtualNetworks/default', { properties: {} });
  await inFactory('integrationRuntimes/sealed', {
    properties: {
      type: 'Managed',
      managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
    },
  });
  for (const name of ['truthsource', 'truthother'])
    await admin.call('PUT', `${account(name)}?${storageVersion}`, {
      location: 'westeurope',
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
    });
  await inFactory('managedVirtualNetworks/default/managedPrivateEndpoints/source', {
    properties: { privateLinkResourceId: account('truthsource'), groupId: 'blob' },
  });
  await inFactory('linkedservices/store', linkedService('truthsource', await storeKey(admin, account('truthsource'))));
  await inFactory('datasets/from', dataset('Binary', 'store', { container: 'incoming' }));
  await inFactory('datasets/to', dataset('Binary', 'store', { container: 'outgoing' }));
  await inFactory('pipelines/copy', copyPipeline('Binary', 'from', 'to'));
});
after(() => postern?.discard());

test('the activity run, the flow and the explanation of a refusal say the same, and a probe agrees', async () => {
  const run = await runCopy();
  const told = JSON.parse((await command('explain', host, '--probe', '--json')).out) as Explained;
  assert.equal(told.code, 'EndpointPending');
  assert.deepEqual([told.probe?.gateway?.code, told.probe?.agrees], ['EndpointPending', true]);
  assert.ok(
    run.error.details.some(({ code }) => code === told.code),
    JSON.stringify(run.error),
  );
  const flows = JSON.parse((await command('flows', '--json')).out) as ShownFlow[];
  const flow = flows.find(({ activityRunId }) => activityRunId === run.activityRunId);
  assert.ok(flow, JSON.stringify(flows));
  assert.deepEqual(
    [flow.code, flow.message, flow.remedy, flow.host, flow.activityName],
    [told.code, told.message, told.remedy, host, 'Copy'],
  );
});

test('a probe agrees with each decision, and with each other way out', async () => {
  const probe = async (target: string) => {
    const { out, status } = await command('explain', target, '--probe', '--json');
    const told = JSON.parse(out) as Explained;
    assert.deepEqual([told.probe?.agrees, status], [true, 0], `${target}: ${out}`);
    return [told.code, told.probe?.seen];
  };
  await answer('Rejected', 'Not yet');
  assert.deepEqual(await probe(host), ['EndpointRejected', 'reset']);
  await answer('Approved', 'Welcome');
  assert.deepEqual(await probe(host), ['Allowed.PrivateEndpoint', 'answered']);
  assert.deepEqual(await probe(`${host}:22`), ['UnknownPort', 'reset']);
  assert.deepEqual(await probe('truthother.blob.core.windows.net'), ['PrivateEndpointRequired', 'reset']);
  assert.deepEqual(await probe('169.254.169.254:80'), ['AddressLiteral', 'reset']);
  assert.deepEqual(await probe('metadata.google.internal'), ['HostNotAllowed', 'unresolved']);
});

test('the egress policy holds from its answer on; what only trying can tell is told by trying', async () => {
  const network = `${factory}/managedVirtualNetworks/default`;
  const ask = async (question: JsonObject) => {
    const path = `${network}/providers/Postern.Network/explain?api-version=2026-11-01&probe=true`;
    const told = (await postern.admin.call('POST', path, question)) as unknown as Explained;
    assert.equal(told.probe?.agrees, true, JSON.stringify(told));
    return told.code;
  };
  const policy = `${network}/providers/Postern.Network/egressPolicies/default?api-version=2026-11-01`;
  await postern.admin.call('PUT', policy, { properties: { mode: 'AllowList', hosts: ['partner.example.com'] } });
  assert.equal(await ask({ host: 'other.example.com' }), 'HostNotAllowed');
  assert.equal(await ask({ host: 'partner.example.com', port: 80 }), 'PortNotAllowed');
  assert.equal(await ask({ host: 'partner.example.com', serverName: 'front.example.com' }), 'ServerNameMismatch');
  assert.equal(await ask({ host: 'partner.example.com', serverName: null }), 'ServerNameMismatch');
  assert.equal(await ask({ host: 'partner.example.com' }), 'HostUnreachable');
  await postern.admin.call('PUT', policy, { properties: { mode: 'None' } });
  assert.equal(await ask({ host: 'partner.example.com' }), 'HostNotAllowed');
  await postern.admin.call('DELETE', policy);
});

test('explain is readable at a glance', async () => {
  const { out, status } = await command('explain', `${host}:22`);
  assert.equal(status, 0);
  assert.match(out, /^✘ truthsource\.blob\.core\.windows\.net:22 {2}UnknownPort$/m);
  assert.match(out, /^ {2}why +Managed private endpoint 'source'/m);
  assert.match(out, /^ {2}remedy +Use a port/m);
  assert.match(out, /^ {2}names +truthsource\.blob\S+ → truthsource\.privatelink\.blob\S+ → 10\.77\.0\.4$/m);
  assert.match(out, /^ {2}endpoint +source is Approved: "Welcome"$/m);
  const wrong = await command('explain', 'https://a.example/');
  assert.deepEqual([wrong.status, wrong.out], [2, '']);
  assert.match(wrong.complaint, /HOST or HOST:PORT/);
});

test('flows are followed as they are decided', { timeout: 30_000 }, async () => {
  const bin = path.resolve(import.meta.dirname, '../../bin/postern.js');
  const child = spawn(process.execPath, [bin, 'flows', '--follow', '--top', '1', '--data', postern.dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let out = '';
    const saw = (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => out.includes(text) && resolve();
        child.stdout.on('data', look);
        look();
      });
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += stripVTControlCharacters(piece)));
    await once(child.stdout, 'data');
    await command('explain', 'followed.example.com:22', '--probe');
    await saw('followed.example.com:22');
    assert.match(out, /✘ {2}followed\.example\.com:22 +PortNotAllowed/);
  } finally {
    const ended = once(child, 'close');
    child.kill();
    await ended;
  }
});

test('reachability, probed, proves the seal, and its report can be given to a reviewer', async () => {
  const page = path.join(postern.dataDir, 'report.html');
  const { out, status } = await command('reachability', '--probe', '--output', page);
  assert.equal(status, 0, out);
  assert.match(out, /✔ sealed: default of factory truth, but for what the rules admit; \d+ attempts/);
  assert.match(out, /truthsource\.blob\.core\.windows\.net:443 +✔ allowed/);
  assert.match(out, /truthother\.blob\.core\.windows\.net:443 +✘ PrivateEndpointRequired/);
  const html = await readFile(page, 'utf8');
  assert.match(html, /✔ Sealed/);
  assert.match(html, /Welcome/, "the owner's words");

  const file = path.join(postern.dataDir, 'report.json');
  await command('reachability', '--probe', '--network', `${factory}/managedVirtualNetworks/default`, '--output', file);
  const report = JSON.parse(await readFile(file, 'utf8')) as Reachability & { decisions: ShownDecision[] };
  const [probe] = report.probes!;
  const bad = probe!.evidence.filter(({ outcome }) => outcome !== 'as expected');
  assert.deepEqual(bad, []);
  assert.deepEqual([report.sealed, probe?.agrees, probe?.leaks, probe?.untried], [true, true, 0, 0]);
  assert.ok(probe!.evidence.some(({ expected, seen }) => expected === 'allowed' && seen === 'answered'));
  assert.deepEqual(
    report.decisions.map(({ decision }) => decision),
    ['RemoveEgress', 'SetEgress', 'SetEgress', 'Approve', 'Reject', 'Request'],
  );
});

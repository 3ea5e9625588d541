// What may be asked of a network: explain, flows, reachability, decisions; and by whom.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import type { Client } from '../../src/cli/client.ts';
import type { FlowRecord } from '../../src/network/policy/model.ts';
import type { FlowFilter } from '../../src/network/sealed-network.ts';
import { type Estate, factoryVersion, furnish, noRuntime, openEstate, storageVersion } from './estate.ts';

const version = 'api-version=2026-11-01';
const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const dataFactoryContributor = '673868aa-7521-48a0-acc6-0f60742d39f5';
const storageAccountContributor = '17d1049b-9a84-46fb-8f53-869881c3d3ab';

const flow = (changes: Partial<FlowRecord>): FlowRecord => ({
  id: 'f1',
  worker: 'worker-1',
  network: '',
  at: '2026-11-01T10:00:00.000Z',
  address: '10.77.0.4',
  port: 443,
  protocol: 'tcp',
  host: 'acmesales.blob.core.windows.net',
  verdict: 'allowed',
  code: 'Allowed.PrivateEndpoint',
  message: '',
  remedy: '',
  endpoint: null,
  bytesSent: 10,
  bytesReceived: 2000,
  endedAt: '2026-11-01T10:00:01.500Z',
  end: 'closed',
  ...changes,
});

let estate: Estate;
let place: Awaited<ReturnType<typeof furnish>>;
let person: Record<'reader' | 'engineer' | 'owner' | 'stranger', Client>;
const recorded: FlowRecord[] = [];
const asked: FlowFilter[] = [];

type Told = JsonObject & { error?: { code: string; message: string; target?: string } };
const at = (scope: string, operation: string, more = '') =>
  `${scope}/providers/Postern.Network/${operation}?${version}${more}`;
const explain = async (question: JsonObject, who: Client = estate.admin, scope = place.network) => {
  const { status, body } = await who.send('POST', at(scope, 'explain'), question);
  return { status, ...(body as Told) } as Told & { status: number; [key: string]: unknown };
};
const answer = async (account: string, status: string, description: string, who = estate.admin) => {
  const list = await estate.admin.call('GET', `${place.account(account)}/privateEndpointConnections?${storageVersion}`);
  const [connection] = list.value as unknown as { id: string }[];
  await who.call('PUT', `${connection!.id}?${storageVersion}`, {
    properties: { privateLinkServiceConnectionState: { status, description } },
  });
  return connection!.id;
};

before(async () => {
  estate = await openEstate({
    flows: async (filter) => {
      asked.push(filter);
      return recorded.filter(({ network }) => network === filter.network);
    },
    runtime: { ...noRuntime, jobAt: (worker) => (worker === 'worker-1' ? 'no-such-activity-run' : null) },
  });
  place = await furnish(estate, 'acme', ['acmesales', 'acmeother', 'acmelake']);
  person = {
    reader: await estate.principal('reader', [reader, place.factory]),
    engineer: await estate.principal('engineer', [dataFactoryContributor, place.group]),
    owner: await estate.principal('owner', [storageAccountContributor, place.account('acmesales')]),
    stranger: await estate.principal('stranger'),
  };
  await person.engineer.call('PUT', `${place.network}/managedPrivateEndpoints/sales?${factoryVersion}`, {
    properties: {
      privateLinkResourceId: place.account('acmesales'),
      groupId: 'blob',
      requestMessage: 'The nightly copy needs it',
    },
  });
  await estate.admin.call('PUT', `${place.factory}/integrationRuntimes/sealed?${factoryVersion}`, {
    properties: {
      type: 'Managed',
      managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
    },
  });
});
after(() => estate.discard());

test('explain tells the verdict, the rule, the endpoint and its state, the names, and who can act', async () => {
  const told = await explain({ host: 'ACMESALES.blob.core.windows.net.', port: 443 });
  assert.equal(told.status, 200);
  assert.deepEqual([told.verdict, told.code], ['denied', 'EndpointPending']);
  assert.equal(told.host, 'acmesales.blob.core.windows.net');
  assert.deepEqual(told.resolver, {
    answer: 'privateEndpoint',
    chain: [{ name: 'acmesales.blob.core.windows.net', alias: 'acmesales.privatelink.blob.core.windows.net' }],
    address: '10.77.0.4',
  });
  assert.equal((told.rule as JsonObject).name, 'endpoint');
  assert.equal((told.endpoint as JsonObject).id, `${place.network}/managedPrivateEndpoints/sales`);
  assert.equal((told.endpoint as JsonObject).state, 'Pending');
  assert.match(String(told.remedy), /PUT .*privateEndpointConnections/);
});

test('a resource and its sub-resource lead to the same answer as its host', async () => {
  const byHost = await explain({ host: 'acmesales.blob.core.windows.net' });
  assert.deepEqual(await explain({ resourceId: place.account('acmesales'), groupId: 'BLOB' }), byHost);
  const sibling = await explain({ resourceId: place.account('acmesales'), groupId: 'table' });
  assert.equal(sibling.code, 'PrivateEndpointRequired');
});

test('explain follows each decision at once', async () => {
  const code = async () => (await explain({ host: 'acmesales.blob.core.windows.net' })).code;
  await answer('acmesales', 'Approved', 'Welcome', person.owner);
  const allowed = await explain({ host: 'acmesales.blob.core.windows.net' });
  assert.deepEqual([allowed.verdict, allowed.code, allowed.remedy], ['allowed', 'Allowed.PrivateEndpoint', '']);
  assert.match(String(allowed.message), /'sales' is Approved/);
  assert.equal((await explain({ host: 'acmesales.blob.core.windows.net', port: 22 })).code, 'UnknownPort');
  await answer('acmesales', 'Rejected', 'Not any more', person.owner);
  assert.equal(await code(), 'EndpointRejected');
  await answer('acmesales', 'Approved', 'Again', person.owner);
  assert.equal(await code(), 'Allowed.PrivateEndpoint');
});

test('every other way out is explained by its own rule', async () => {
  for (const [question, code, rule, resolver] of [
    [{ host: 'acmeother.blob.core.windows.net' }, 'PrivateEndpointRequired', 'storage', 'publicName'],
    [{ host: 'api.example.com', port: 22 }, 'PortNotAllowed', 'port', 'publicName'],
    [{ host: '169.254.169.254', port: 80 }, 'AddressLiteral', 'name', 'notAsked'],
    [{ host: '::ffff:127.0.0.1' }, 'AddressLiteral', 'name', 'notAsked'],
    [{ host: 'metadata.google.internal' }, 'HostNotAllowed', 'resolver', 'NXDOMAIN'],
    [{ host: 'acme\u0000.example.com' }, 'HostNotAllowed', 'resolver', 'REFUSED'],
  ] as const) {
    const told = await explain(question);
    assert.deepEqual(
      [told.code, (told.rule as JsonObject).name, (told.resolver as JsonObject).answer],
      [code, rule, resolver],
      JSON.stringify(question),
    );
    assert.ok(String(told.message).length > 0 && String(told.remedy).length > 0, JSON.stringify(question));
  }
});

test('a public host is admitted where no egress policy says otherwise', async () => {
  const told = await explain({ host: 'api.example.com' });
  assert.deepEqual([told.code, (told.rule as JsonObject).name], ['Allowed.PublicHttps', 'egress']);
});

test('a factory is asked by the runtime that would dial', async () => {
  const host = 'acmeother.blob.core.windows.net';
  const byDefault = await explain({ host }, estate.admin, place.factory);
  assert.equal(byDefault.network, `${place.factory.toLowerCase()}/public`);
  assert.equal(byDefault.code, 'Allowed.PublicHttps');
  const sealed = await explain({ host, integrationRuntime: 'SEALED' }, estate.admin, place.factory);
  assert.deepEqual([sealed.network, sealed.code], [place.network.toLowerCase(), 'PrivateEndpointRequired']);
  const missing = await explain({ host, integrationRuntime: 'nowhere' }, estate.admin, place.factory);
  assert.equal(missing.error?.code, 'InvalidIntegrationRuntime');
});

test('a question that is none is refused by its field', async () => {
  for (const [question, target] of [
    [{}, 'host'],
    [{ host: 'a.example', resourceId: place.account('acmesales'), groupId: 'blob' }, 'host'],
    [{ resourceId: place.account('acmesales') }, 'groupId'],
    [{ resourceId: place.account('acmesales'), groupId: 'vault' }, 'groupId'],
    [{ resourceId: 'acmesales', groupId: 'blob' }, 'resourceId'],
    [{ host: 'a.example', port: 0 }, 'port'],
    [{ host: 'a.example', port: 'https' }, 'port'],
  ] as const) {
    const told = await explain(question as JsonObject);
    assert.deepEqual([told.status, told.error?.target], [400, target], JSON.stringify(question));
  }
});

test('whoever may read the network may ask; a probe takes the right to run something; a stranger gets nothing', async () => {
  const host = 'acmesales.blob.core.windows.net';
  assert.equal((await explain({ host }, person.reader)).status, 200);
  assert.equal((await explain({ host }, person.engineer)).status, 200);
  const paths = [
    ['POST', at(place.network, 'explain'), { host }],
    ['GET', at(place.network, 'flows'), undefined],
    ['GET', at(place.network, 'reachability'), undefined],
    ['POST', at(place.network, 'reachability', '&probe=true'), {}],
    ['GET', at(place.network, 'decisions'), undefined],
    ['GET', at(place.factory, 'reachability'), undefined],
    ['GET', at(place.account('acmesales'), 'decisions'), undefined],
  ] as const;
  for (const who of [person.stranger, person.owner])
    for (const [method, path, body] of paths.slice(0, 6)) {
      const refused = await who.send(method, path, body);
      assert.deepEqual([refused.status, (refused.body as Told).error?.code], [403, 'AuthorizationFailed'], path);
    }
  assert.equal((await person.stranger.send('GET', paths[6][1])).status, 403);
  assert.equal((await person.engineer.send('GET', paths[6][1])).status, 403, 'the owner’s side is the owner’s');
  assert.equal((await person.owner.send('GET', paths[6][1])).status, 200);
  for (const operation of ['explain', 'reachability']) {
    const refused = await person.reader.send('POST', at(place.network, operation, '&probe=true'), { host });
    assert.deepEqual([refused.status, (refused.body as Told).error?.code], [403, 'AuthorizationFailed'], operation);
  }
  const odd = await estate.admin.send('POST', at(place.network, 'explain', '&probe=perhaps'), { host });
  assert.equal((odd.body as Told).error?.target, 'probe');
});

test('the matrix tells what each runtime may reach, and names no store that the caller may not read', async () => {
  const told = await person.engineer.call('GET', at(place.factory, 'reachability'));
  const cells = told.matrix as unknown as { runtime: string; host: string; code: string; remedy: string }[];
  const codeAt = (runtime: string, host: string) =>
    cells.find((cell) => cell.runtime === runtime && cell.host === `${host}.blob.core.windows.net`)?.code;
  assert.equal(codeAt('sealed', 'acmesales'), 'Allowed.PrivateEndpoint');
  assert.equal(codeAt('sealed', 'acmeother'), undefined, 'a Data Factory Contributor reads no accounts');
  const all = await estate.admin.call('GET', at(place.factory, 'reachability'));
  const seen = (all.matrix as typeof cells).map(
    ({ runtime, host, code }) => `${runtime} ${host.split('.')[0]} ${code}`,
  );
  for (const expected of [
    'sealed acmesales Allowed.PrivateEndpoint',
    'sealed acmeother PrivateEndpointRequired',
    'AutoResolveIntegrationRuntime acmeother Allowed.PublicHttps',
  ])
    assert.ok(seen.includes(expected), `${expected}: ${seen.join('; ')}`);
  const one = await person.reader.call('GET', at(place.network, 'reachability'));
  assert.deepEqual(one.runtimes, [{ name: 'sealed', network: place.network.toLowerCase() }]);
  const [network] = one.networks as unknown as { title: string; egress: JsonObject; endpoints: JsonObject[] }[];
  assert.equal(network?.endpoints[0]?.state, 'Approved');
});

test('flows are told newest first, with duration, and only those of the network that is asked', async () => {
  const network = place.network.toLowerCase();
  recorded.push(
    flow({ network }),
    flow({ id: 'f2', network, at: '2026-11-01T10:00:02.000Z', endedAt: null, end: null }),
  );
  recorded.push(flow({ id: 'p1', network: `${place.factory.toLowerCase()}/public` }));
  const { value } = await person.reader.call('GET', at(place.network, 'flows', '&since=2026-11-01T09:00:00Z&top=5'));
  const flows = value as unknown as { id: string; durationMs: number | null; activityRunId: string | null }[];
  assert.deepEqual(
    flows.map(({ id, durationMs }) => [id, durationMs]),
    [
      ['f2', null],
      ['f1', 1500],
    ],
  );
  assert.equal(flows[1]?.activityRunId, null, 'a job that is no activity run is not told as one');
  assert.deepEqual(asked.at(-1), { network, changedSince: '2026-11-01T09:00:00Z', limit: 5 });
  const both = await estate.admin.call('GET', at(place.factory, 'flows'));
  assert.equal((both.value as unknown[]).length, 3);
  for (const wrong of ['top=0', 'top=1001', 'top=few', 'since=yesterday']) {
    const refused = await estate.admin.send('GET', at(place.network, 'flows', `&${wrong}`));
    assert.equal((refused.body as Told).error?.code, 'InvalidQueryParameter', wrong);
  }
});

test('an owner sees what flows to the store, over which connection, and not whose worker it is', async () => {
  const network = place.network.toLowerCase();
  const endpoint = `${place.network}/managedPrivateEndpoints/sales`;
  recorded.push(flow({ id: 's1', network, endpoint, endedAt: null, end: null, bytesSent: 7 }));
  recorded.push(flow({ id: 's2', network, endpoint: `${place.network}/managedPrivateEndpoints/elsewhere` }));
  const { value } = await person.owner.call('GET', at(place.account('acmesales'), 'flows'));
  const flows = value as unknown as JsonObject[];
  assert.deepEqual(
    flows.map(({ id, bytesSent, endpoint: over }) => [id, bytesSent, over]),
    [['s1', 7, endpoint]],
  );
  assert.match(String(flows[0]?.connection), /^acmesales\./);
  assert.deepEqual([flows[0]?.worker, flows[0]?.network, flows[0]?.address], [undefined, undefined, undefined]);
  const codeFor = async (who: Client, store: string) =>
    ((await who.send('GET', at(place.account(store), 'flows'))).body as Told).error?.code;
  assert.equal(await codeFor(person.engineer, 'acmesales'), 'AuthorizationFailed');
  assert.equal(await codeFor(person.owner, 'acmelake'), 'AuthorizationFailed', 'a store of somebody else');
  assert.equal(await codeFor(estate.admin, 'nowhere'), 'ResourceNotFound');
  recorded.splice(-2);
});

test('both sides read who did what and when, with the words of both, also when the connection is gone', async () => {
  type Decision = {
    decision: string;
    from: string | null;
    to: string | null;
    reason: string;
    by: { name: string };
    connection: { name: string; requestMessage: string; endpoint: string; groupId: string };
  };
  const read = async (who: Client, scope: string, more = '') =>
    (await who.call('GET', at(scope, 'decisions', more))).value as unknown as Decision[];
  const endpoint = `${place.network}/managedPrivateEndpoints/sales`;
  const expected = [
    ['Approve', 'Rejected', 'Approved', 'owner', 'Again'],
    ['Reject', 'Approved', 'Rejected', 'owner', 'Not any more'],
    ['Approve', 'Pending', 'Approved', 'owner', 'Welcome'],
  ];
  const shown = (all: Decision[]) => all.map((one) => [one.decision, one.from, one.to, one.by.name, one.reason]);
  const ofOwner = await read(person.owner, place.account('acmesales'));
  assert.deepEqual(shown(ofOwner).slice(0, 3), expected);
  const asking = ofOwner.at(-1)!;
  assert.deepEqual([asking.decision, asking.by.name], ['Request', 'engineer']);
  assert.match(asking.reason, /The nightly copy needs it/);
  assert.equal(asking.connection.requestMessage, 'The nightly copy needs it');
  assert.deepEqual(await read(person.engineer, endpoint), ofOwner);
  assert.deepEqual(await read(person.reader, place.network), ofOwner);

  await answer('acmesales', 'Approved', 'Other words', person.owner);
  const [reworded] = await read(person.owner, place.account('acmesales'));
  assert.deepEqual([reworded?.decision, reworded?.reason], ['Reword', 'Other words']);

  const { name } = asking.connection;
  await person.engineer.call('DELETE', `${endpoint}?${factoryVersion}`);
  const after = await read(person.owner, place.account('acmesales'), `&connection=${name}`);
  assert.deepEqual([after[0]?.decision, after[0]?.by.name, after.length], ['Remove', 'engineer', 6]);
  assert.deepEqual(await read(person.owner, place.account('acmesales'), '&connection=other'), []);
  assert.deepEqual((await read(person.reader, place.network))[0]?.decision, 'Remove');
});

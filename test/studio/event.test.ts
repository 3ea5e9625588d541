import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowRecord } from '../../src/network/policy/model.ts';
import { factoryVersion, furnish, groupOf, storageVersion } from '../api/estate.ts';
import { asStudio, openStudio, type StreamEvent } from './stage.ts';

const roles = { reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7' };
const groupVersion = 'api-version=2021-04-01';
const fromStudio = (cookie: string) => ({ cookie, 'sec-fetch-site': 'same-origin' });
const about =
  (id: string, action = 'written') =>
  (event: StreamEvent) =>
    event.data.id === id && event.data.action === action;

test('what is committed is told to whoever may read it, on both sides of a connection', async () => {
  const stage = await openStudio();
  try {
    const place = await furnish(stage, 'acme', ['acmesales']);
    const account = place.account('acmesales');
    const owner = await stage.principal('owner', [roles.reader, account]);
    owner.close();
    const { properties } = await stage.admin.call(
      'GET',
      '/providers/Postern.Identity/principals/owner?api-version=2026-11-01',
    );
    const ownerId = String((properties as { objectId: string }).objectId);
    const all = await stage.listen(fromStudio(await stage.cookie()));
    const own = await stage.listen(fromStudio(await stage.cookie(ownerId)));
    for (const stream of [all, own]) {
      assert.equal(stream.status, 200);
      const hello = await stream.next();
      assert.equal(hello.event, 'hello');
      assert.equal(hello.data.sequence, hello.id);
    }

    const endpoint = `${place.network}/managedPrivateEndpoints/sales`;
    await stage.admin.call('PUT', `${endpoint}?${factoryVersion}`, {
      properties: { privateLinkResourceId: account, groupId: 'blob' },
    });
    await all.next(about(endpoint));
    const pending = await own.next();
    assert.match(String(pending.data.id), /\/storageAccounts\/acmesales\/privateEndpointConnections\/acmesales\..+$/);
    const connection = String(pending.data.id);
    await all.next(about(connection));

    await stage.admin.call('PUT', `${connection}?${storageVersion}`, {
      properties: { privateLinkServiceConnectionState: { status: 'Approved', description: 'yes' } },
    });
    await all.next(about(endpoint));
    await all.next(about(connection));
    await own.next(about(connection));

    await stage.admin.call('DELETE', `${endpoint}?${factoryVersion}`);
    await all.next(about(endpoint, 'deleted'));
    await own.next(about(connection, 'deleted'));
    assert.deepEqual(
      own.all.filter(({ event, data }) => event === 'change' && !String(data.id).startsWith(account)),
      [],
      'nothing of what the owner may not read',
    );
    for (const stream of [all, own]) stream.stop();
  } finally {
    await stage.discard();
  }
});

test('who comes back gets what was missed; after too much, or another process, a reset', async () => {
  const stage = await openStudio();
  try {
    const cookie = await stage.cookie();
    const first = await stage.listen(fromStudio(cookie));
    const { id: start } = await first.next();
    first.stop();
    await first.ended;
    const group = groupOf(stage, 'missed');
    await stage.admin.call('PUT', `${group}?${groupVersion}`, { location: 'westeurope' });
    await stage.admin.call('DELETE', `${group}?${groupVersion}`);

    const second = await stage.listen({ ...fromStudio(cookie), 'last-event-id': start });
    assert.equal((await second.next()).event, 'hello');
    const written = await second.next();
    assert.deepEqual(written.data, { kind: 'resource', id: group, action: 'written' });
    const { id: last } = await second.next(about(group, 'deleted'));
    second.stop();

    for (const stale of ['00000000-1', `${start.split('-')[0]}-999999`, 'nonsense', '']) {
      const third = await stage.listen({ ...fromStudio(cookie), 'last-event-id': stale });
      assert.equal((await third.next()).event, 'hello');
      assert.equal((await third.next()).event, 'reset', stale);
      third.stop();
    }
    const upToDate = await stage.listen({ ...fromStudio(cookie), 'last-event-id': last });
    assert.equal((await upToDate.next()).event, 'hello');
    await stage.admin.call('PUT', `${groupOf(stage, 'fresh')}?${groupVersion}`, { location: 'westeurope' });
    assert.equal((await upToDate.next()).data.id, groupOf(stage, 'fresh'));
    upToDate.stop();
  } finally {
    await stage.discard();
  }
});

test('a stream asks for a session of this page or a token, and ends with it', async () => {
  const stage = await openStudio();
  try {
    const cookie = await stage.cookie();
    for (const [headers, status] of [
      [{ cookie }, 401],
      [{ cookie, 'sec-fetch-site': 'cross-site' }, 403],
      [{ cookie, 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, 403],
      [{}, 401],
    ] as const)
      assert.equal((await stage.listen(headers as Record<string, string>)).status, status);
    assert.equal((await stage.listen(asStudio(cookie))).status, 200, 'the header does as well');
    const stream = await stage.listen(fromStudio(cookie));
    assert.equal((await stream.next()).event, 'hello');
    await stage.browse('DELETE', '/studio/session', asStudio(cookie));
    await stream.ended;

    const reader = await stage.principal('passing', [roles.reader, '/']);
    reader.close();
    const name = '/providers/Postern.Identity/principals/passing?api-version=2026-11-01';
    const { properties } = await stage.admin.call('GET', name);
    const gone = await stage.listen(
      fromStudio(await stage.cookie(String((properties as { objectId: string }).objectId))),
    );
    await gone.next();
    await stage.admin.call('DELETE', name);
    await gone.ended;
  } finally {
    await stage.discard();
  }
});

test('rights are those of the moment', async () => {
  const stage = await openStudio();
  try {
    const reader = await stage.principal('reader');
    reader.close();
    const { properties } = await stage.admin.call(
      'GET',
      '/providers/Postern.Identity/principals/reader?api-version=2026-11-01',
    );
    const { objectId } = properties as { objectId: string };
    const stream = await stage.listen(fromStudio(await stage.cookie(objectId)));
    await stream.next();
    const write = (name: string) =>
      stage.admin.call('PUT', `${groupOf(stage, name)}?${groupVersion}`, { location: 'westeurope' });
    const assignment = `/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`;
    await write('one');
    await stage.admin.call('PUT', assignment, {
      properties: {
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`,
        principalId: objectId,
      },
    });
    await write('two');
    await stream.next(about(groupOf(stage, 'two')));
    assert.equal(stream.all.some(about(groupOf(stage, 'one'))), false);
    await stage.admin.call('DELETE', assignment);
    await write('three');
    const watcher = await stage.listen(fromStudio(await stage.cookie()));
    await watcher.next();
    await write('four');
    await watcher.next(about(groupOf(stage, 'four')));
    assert.equal(stream.all.some(about(groupOf(stage, 'three'))), false);
    for (const one of [stream, watcher]) one.stop();
  } finally {
    await stage.discard();
  }
});

test('a principal has at most twenty streams, and closing ends them all', async () => {
  const stage = await openStudio();
  const cookie = await stage.cookie();
  const streams = await Promise.all(Array.from({ length: 20 }, () => stage.listen(fromStudio(cookie))));
  await Promise.all(streams.map((stream) => stream.next()));
  assert.equal((await stage.listen(fromStudio(cookie))).status, 429);
  streams[0]!.stop();
  await streams[0]!.ended;
  const ends = Promise.all(streams.map(({ ended }) => ended));
  await stage.discard();
  await ends;
});

test('flows are told by network, once a second at most, with how many there were', async () => {
  const heard: ((flow: FlowRecord) => void)[] = [];
  const stage = await openStudio({
    onFlow: (listener) => {
      heard.push(listener);
      return () => {};
    },
  });
  try {
    const { network } = await furnish(stage, 'acme', []);
    const stream = await stage.listen(fromStudio(await stage.cookie()));
    await stream.next();
    const flow = { network: network.toLowerCase() } as FlowRecord;
    for (let count = 0; count < 50; count += 1) heard[0]!(flow);
    const isFlow = ({ data }: StreamEvent) => data.kind === 'flow';
    let told = 0;
    while (told < 50) {
      const { data } = await stream.next(isFlow);
      assert.equal(data.network, network);
      told += Number(data.count);
    }
    assert.equal(told, 50);
    assert.ok(stream.all.filter(isFlow).length <= 2);
    stream.stop();
  } finally {
    await stage.discard();
  }
});

test('a flow that was cut is told before the second of its network is over', async () => {
  const heard: ((flow: FlowRecord) => void)[] = [];
  const stage = await openStudio({
    onFlow: (listener) => {
      heard.push(listener);
      return () => {};
    },
  });
  try {
    const calm = (await furnish(stage, 'calm', [])).network;
    const cut = (await furnish(stage, 'cut', [])).network;
    const stream = await stage.listen(fromStudio(await stage.cookie()));
    await stream.next();
    const begin = (network: string) => heard[0]!({ network: network.toLowerCase(), end: null } as FlowRecord);
    const next = async () => (await stream.next(({ data }) => data.kind === 'flow')).data;
    for (const network of [calm, cut]) {
      begin(network);
      assert.deepEqual(await next(), { kind: 'flow', network, count: 1 });
      begin(network);
    }
    heard[0]!({ network: cut.toLowerCase(), end: 'cut' } as FlowRecord);
    assert.deepEqual(await next(), { kind: 'flow', network: cut, count: 2 });
    assert.deepEqual(await next(), { kind: 'flow', network: calm, count: 1 });
    stream.stop();
  } finally {
    await stage.discard();
  }
});

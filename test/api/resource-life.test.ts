import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OpenDoor, openDoor } from './front-door.ts';
import { type WidgetLog, widgetTypes } from './widget.ts';

const log: WidgetLog = [];
let door: OpenDoor;
let group = '';
const version = 'api-version=2020-01-01';
const groups = 'api-version=2021-04-01';
const widget = (name: string) => `${group}/providers/Test.Widget/widgets/${name}`;
const send = (method: string, path: string, body?: object, headers?: Record<string, string>) =>
  door.send(method, path, body, headers);
const code = (answer: { body: { error?: { code?: string } } }) => answer.body.error?.code;

before(async () => {
  door = await openDoor({ types: () => widgetTypes(log) });
  group = `/subscriptions/${door.subscriptionId}/resourceGroups/Life`;
  await door.admin.call('PUT', `${group}?${groups}`, { location: 'West Europe' });
});
after(() => door.discard());

test('a resource is created, read, replaced, patched and deleted', async () => {
  const place = `${widget('One')}?${version}`;
  const created = await send('PUT', place, {
    location: 'North Europe',
    tags: { team: 'blue' },
    properties: { size: 3, unknown: { kept: [1, null] } },
    extra: 'kept',
    id: 'ignored',
    type: 'ignored',
  });
  assert.equal(created.status, 201);
  const { eTag, ...shown } = created.body;
  assert.deepEqual(shown, {
    id: `${group}/providers/Test.Widget/widgets/One`,
    name: 'One',
    type: 'Test.Widget/widgets',
    location: 'northeurope',
    tags: { team: 'blue' },
    properties: { size: 3, unknown: { kept: [1, null] } },
    extra: 'kept',
  });
  assert.match(String(eTag), /^"[0-9a-f-]{36}"$/);
  assert.deepEqual(log.slice(-2), ['committed One', 'last of One']);

  const read = await send('GET', place.toUpperCase().replace('API-VERSION', 'api-version'));
  assert.deepEqual(read.body, created.body);
  assert.equal((await send('HEAD', place)).status, 204);

  const replaced = await send('PUT', `${widget('ONE')}?${version}`, { location: 'northeurope', properties: {} });
  assert.equal(replaced.status, 200);
  assert.equal(replaced.body.name, 'One');
  assert.deepEqual(replaced.body.tags, {});
  assert.notEqual(replaced.body.eTag, eTag);

  const patched = await send('PATCH', place, { tags: { team: 'red' } });
  assert.deepEqual([patched.status, patched.body.tags, patched.body.properties], [200, { team: 'red' }, {}]);

  assert.equal((await send('DELETE', place)).status, 200);
  assert.equal((await send('DELETE', place)).status, 204);
  const gone = await send('GET', place);
  assert.deepEqual([gone.status, code(gone)], [404, 'ResourceNotFound']);
});

test('conditional requests follow the etag', async () => {
  const place = `${widget('Tagged')}?${version}`;
  const body = { location: 'westeurope', properties: {} };
  const none = await send('PUT', place, body, { 'if-match': '*' });
  assert.deepEqual([none.status, code(none)], [412, 'PreconditionFailed']);
  const first = await send('PUT', place, body, { 'if-none-match': '*' });
  assert.equal(first.status, 201);
  const again = await send('PUT', place, body, { 'if-none-match': '*' });
  assert.deepEqual([again.status, code(again)], [412, 'PreconditionFailed']);
  const etag = String(first.body.eTag);
  const same = await send('GET', place, undefined, { 'if-none-match': etag });
  assert.equal(same.status, 304);
  assert.deepEqual(same.body, {});
  const second = await send('PUT', place, body, { 'if-match': etag });
  assert.equal(second.status, 200);
  const stale = await send('PUT', place, body, { 'if-match': etag });
  assert.deepEqual([stale.status, code(stale)], [412, 'PreconditionFailed']);
  assert.equal((await send('GET', place, undefined, { 'if-none-match': etag })).status, 200);
  assert.equal((await send('PUT', place, body, { 'if-match': '*' })).status, 200);

  const part = `${widget('Tagged')}/parts/Aa?${version}`;
  const made = await send('PUT', part, { properties: {} });
  const asked = await send('GET', part, undefined, { 'if-none-match': `"${made.body.etag}"` });
  assert.equal(asked.status, 200, 'a type without a conditional GET never answers 304');
});

test('of many writers at once with one condition, one wins', async () => {
  const place = `${widget('Raced')}?${version}`;
  const body = { location: 'westeurope', properties: {} };
  const race = async (headers: Record<string, string>) => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => send('PUT', place, body, headers)));
    return { answers, statuses: answers.map(({ status }) => status).sort() };
  };
  const created = await race({ 'if-none-match': '*' });
  assert.deepEqual(created.statuses, [201, ...Array(11).fill(412)]);
  const { body: first } = created.answers.find(({ status }) => status === 201)!;
  const replaced = await race({ 'if-match': String(first.eTag) });
  assert.deepEqual(replaced.statuses, [200, ...Array(11).fill(412)]);
});

test('children need their parent, and go with it', async () => {
  const orphan = await send('PUT', `${widget('Nobody')}/parts/Aa?${version}`, {});
  assert.deepEqual([orphan.status, code(orphan)], [404, 'ParentResourceNotFound']);
  await send('PUT', `${widget('Parent')}?${version}`, { location: 'westeurope', properties: {} });
  const child = `${widget('Parent')}/parts/Child?${version}`;
  assert.equal((await send('PUT', child, {})).body.id, `${widget('Parent')}/parts/Child`);
  log.length = 0;
  assert.equal((await send('DELETE', `${widget('Parent')}?${version}`)).status, 200);
  assert.deepEqual(log, ['remove Child with its ancestor', 'remove Parent asked', 'removed Parent']);
  await send('PUT', `${widget('Parent')}?${version}`, { location: 'westeurope', properties: {} });
  assert.equal((await send('GET', child)).status, 404);
});

test('actions get their resource, parameters and body; our own have their own version', async () => {
  await send('PUT', `${widget('Spun')}?${version}`, { location: 'westeurope', properties: {} });
  const spun = await send('POST', `${widget('Spun')}/SPIN/Fast?${version}`, { times: 2 });
  assert.deepEqual([spun.status, spun.body], [200, { name: 'Spun', speed: 'Fast', times: 2 }]);
  const wrong = await send('POST', `${widget('Spun')}/spin/fast?${version}`, { times: 'x' });
  assert.deepEqual([wrong.status, code(wrong)], [400, 'InvalidRequestContent']);
  const missing = await send('POST', `${widget('Nobody')}/spin/fast?${version}`);
  assert.deepEqual([missing.status, code(missing)], [404, 'ResourceNotFound']);
  const look = `${widget('Spun')}/providers/Postern.Test/look`;
  assert.equal((await send('POST', `${look}?api-version=2026-11-01`)).status, 200);
  assert.equal(code(await send('POST', `${look}?${version}`)), 'NoRegisteredProviderFound');
});

test('lists come in pages that together hold each once', async () => {
  const names = Array.from({ length: 7 }, (_, index) => `Page${index}`);
  for (const name of names) await send('PUT', `${widget(name)}?${version}`, { location: 'westeurope', properties: {} });
  for (const scope of [group, `/subscriptions/${door.subscriptionId}`]) {
    const seen: string[] = [];
    let next: string | undefined = `${door.origin}${scope}/providers/Test.Widget/widgets?${version}&$top=3`;
    let pages = 0;
    while (next !== undefined) {
      const { body, status } = await send('GET', next);
      assert.equal(status, 200);
      const value = body.value as { name: string }[];
      assert.equal(value.length <= 3, true);
      seen.push(...value.map(({ name }) => name));
      next = body.nextLink as string | undefined;
      pages += 1;
    }
    assert.deepEqual(
      seen.filter((name) => name.startsWith('Page')),
      names,
    );
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(pages, Math.ceil(seen.length / 3));
  }
});

test('resource lists show tracked resources, filtered as asked', async () => {
  await send('PUT', `${widget('Listed')}?${version}`, {
    location: 'westeurope',
    tags: { env: "it's" },
    properties: {},
  });
  await send('PUT', `${widget('Listed')}/parts/Hidden?${version}`, {});
  const list = async (filter: string) => {
    const { body } = await send('GET', `${group}/resources?${groups}&$filter=${encodeURIComponent(filter)}`);
    return body.error ? code({ body }) : (body.value as { name: string }[]).map(({ name }) => name);
  };
  assert.deepEqual(await list("name eq 'listed' and resourceType eq 'test.widget/WIDGETS'"), ['Listed']);
  assert.deepEqual(await list("tagName eq 'env' and tagValue eq 'it''s'"), ['Listed']);
  assert.deepEqual(await list("name eq 'Hidden'"), []);
  assert.equal(await list("name gt 'x'"), 'InvalidFilterInQueryString');
  assert.equal(await list("constructor eq 'x'"), 'InvalidFilterInQueryString');
});

test('an unforeseen error is a 500 with an id and nothing of the inside, and is rolled back', async () => {
  const place = `${widget('Bad')}?${version}`;
  const failed = await send('PUT', place, { location: 'westeurope', properties: {}, explode: true });
  assert.deepEqual([failed.status, code(failed)], [500, 'InternalServerError']);
  assert.equal(/secret|inside|Error:/.test(JSON.stringify(failed.body)), false);
  assert.match(JSON.stringify(failed.body), /[0-9a-f]{8}-[0-9a-f]{4}/);
  assert.equal((await send('GET', place)).status, 404);
  const later = await send('PUT', place, { location: 'westeurope', properties: {}, explodeLater: true });
  assert.deepEqual([later.status, code(later)], [500, 'InternalServerError']);
  assert.equal((await send('GET', place)).status, 200, 'what was committed stays');
  assert.equal(log.at(-1), 'last of Bad', 'the steps after one that fails are done');
});

test('every reply has the common headers, and echoes only sane ids', async () => {
  const id = crypto.randomUUID();
  const { headers } = await send('GET', `${group}?${groups}`, undefined, {
    'x-ms-correlation-request-id': id,
    'x-ms-client-request-id': id,
    'x-ms-return-client-request-id': 'true',
  });
  assert.equal(headers['x-ms-correlation-request-id'], id);
  assert.equal(headers['x-ms-client-request-id'], id);
  assert.equal(headers['cache-control'], 'no-cache');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.match(String(headers['x-ms-request-id']), /^[0-9a-f-]{36}$/);
  assert.ok(headers['x-ms-ratelimit-remaining-subscription-reads']);
  const odd = await send('GET', `${group}?${groups}`, undefined, { 'x-ms-correlation-request-id': 'é"\\<>' });
  assert.notEqual(odd.headers['x-ms-correlation-request-id'], 'é"\\<>');
});

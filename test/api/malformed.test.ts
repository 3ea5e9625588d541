// Bad input ends as a 4xx with a code, and says where it is wrong. Never as a 5xx, whatever it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { type OpenDoor, openDoor } from './front-door.ts';
import { widgetTypes } from './widget.ts';

let door: OpenDoor;
const sub = '/subscriptions/20000000-0000-4000-8000-000000000002';
const group = `${sub}/resourceGroups/bad`;
const widgets = `${group}/providers/Test.Widget/widgets`;
const one = `${widgets}/One?api-version=2020-01-01`;
const fresh = one.replace('One', 'Fresh');
const groups = 'api-version=2021-04-01';
const assignments = `${group}/providers/Microsoft.Authorization/roleAssignments`;
const guid = '30000000-0000-4000-8000-000000000003';

before(async () => {
  door = await openDoor({ types: () => widgetTypes() });
  await door.admin.call('PUT', `${group}?${groups}`, { location: 'westeurope' });
  await door.admin.call('PUT', one, { location: 'westeurope', properties: {} });
});
after(() => door.discard());

const good = { location: 'westeurope', properties: {} };
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const put = (body: object | string, code: string, target: string, status = 400) =>
  ['PUT', one, body, status, code, target] as const;

type Case = readonly [
  method: string,
  path: string,
  body: object | string | undefined,
  status: number,
  code: string,
  target: string | undefined,
  headers?: Record<string, string>,
];

const cases: readonly Case[] = [
  // Bodies that are no JSON object.
  put('{', 'InvalidRequestContent', 'body'),
  ['PUT', fresh, '', 400, 'LocationRequired', 'location'],
  put('[]', 'InvalidRequestContent', 'body'),
  put('null', 'InvalidRequestContent', 'body'),
  put('1e999', 'InvalidRequestContent', 'body'),
  put('"text"', 'InvalidRequestContent', 'body'),
  put('{"location":"westeurope",}', 'InvalidRequestContent', 'body'),
  put("{'location':'westeurope'}", 'InvalidRequestContent', 'body'),
  put('{"location":"westeurope"}{}', 'InvalidRequestContent', 'body'),
  put('\u0000', 'InvalidRequestContent', 'body'),
  put('{"location":"\u0000"}', 'InvalidRequestContent', 'body'),
  put(nested(101), 'InvalidRequestContent', 'body'),
  put(nested(100_000), 'InvalidRequestContent', 'body'),
  put(`{"a":${'['.repeat(100_000)}`, 'InvalidRequestContent', 'body'),
  put('{"__proto__":{"polluted":1}}', 'InvalidRequestContent', '__proto__'),
  put('{"properties":{"a":[{"__proto__":null}]}}', 'InvalidRequestContent', 'properties.a.0.__proto__'),
  ['PUT', one, 'x'.repeat(5 * 1024 * 1024), 413, 'RequestEntityTooLarge', undefined],
  ['PUT', one, good, 415, 'UnsupportedMediaType', 'content-type', { 'content-type': 'text/plain' }],
  ['PUT', one, good, 415, 'UnsupportedMediaType', 'content-type', { 'content-type': 'application/xml' }],
  [
    'PUT',
    one,
    good,
    415,
    'UnsupportedMediaType',
    'content-type',
    { 'content-type': 'application/x-www-form-urlencoded' },
  ],
  // Envelopes.
  ['PUT', fresh, { properties: {} }, 400, 'LocationRequired', 'location'],
  ['PUT', fresh, { ...good, location: null }, 400, 'LocationRequired', 'location'],
  put({ ...good, location: 1 }, 'InvalidRequestContent', 'location'),
  put({ ...good, location: {} }, 'InvalidRequestContent', 'location'),
  put({ ...good, location: 'the moon' }, 'LocationNotAvailableForResourceType', 'location'),
  put({ ...good, location: 'x'.repeat(100_000) }, 'LocationNotAvailableForResourceType', 'location'),
  put({ ...good, location: 'eastus' }, 'InvalidResourceLocation', 'location', 409),
  put({ ...good, tags: 'x' }, 'InvalidTag', 'tags'),
  put({ ...good, tags: [] }, 'InvalidTag', 'tags'),
  put({ ...good, tags: { a: 1 } }, 'InvalidTag', 'tags.a'),
  put({ ...good, tags: { a: {} } }, 'InvalidTag', 'tags.a'),
  put({ ...good, tags: { a: 'x'.repeat(257) } }, 'InvalidTag', 'tags.a'),
  put({ ...good, tags: { 'a<b': 'x' } }, 'InvalidTag', 'tags'),
  put({ ...good, identity: 'x' }, 'InvalidRequestContent', 'identity'),
  put({ ...good, sku: [] }, 'InvalidRequestContent', 'sku'),
  // The type's own schema.
  put({ location: 'westeurope' }, 'InvalidRequestContent', 'properties'),
  put({ ...good, properties: null }, 'InvalidRequestContent', 'properties'),
  put({ ...good, properties: [] }, 'InvalidRequestContent', 'properties'),
  put({ ...good, properties: 'x' }, 'InvalidRequestContent', 'properties'),
  put({ ...good, properties: { size: 'x' } }, 'InvalidRequestContent', 'properties.size'),
  put({ ...good, properties: { size: 0 } }, 'InvalidRequestContent', 'properties.size'),
  put({ ...good, properties: { size: 1.5 } }, 'InvalidRequestContent', 'properties.size'),
  put({ ...good, properties: { size: null } }, 'InvalidRequestContent', 'properties.size'),
  ['PATCH', one, { tags: 1 }, 400, 'InvalidTag', 'tags'],
  ['PATCH', one, { properties: 1 }, 400, 'InvalidRequestContent', 'properties'],
  ['POST', one.replace('?', '/spin/1?'), { times: 'x' }, 400, 'InvalidRequestContent', 'times'],
  // Names.
  ...['a', '1a', 'x'.repeat(21), 'a.b', 'a%25b', 'a%3Cb', 'a%C3%A9', `a${'%F0%9F%98%80'.repeat(3)}`].map(
    (name): Case => ['PUT', one.replace('One', name), good, 400, 'InvalidResourceName', 'name'],
  ),
  ...['%00', '%0A', '%2F', '..', '.', '%2e%2e', '%E2%80%8B', '%EF%BB%BF', 'a%2Fb'].map(
    (name): Case => ['PUT', one.replace('One', name), good, 400, 'InvalidResourceName', 'path'],
  ),
  ['PUT', one.replace('One', '%'), good, 400, 'InvalidRequestUri', 'path'],
  ['PUT', one.replace('One', '%FF'), good, 400, 'InvalidRequestUri', 'path'],
  ['PUT', `${sub}/resourceGroups/bad.?${groups}`, good, 400, 'InvalidResourceName', 'name'],
  ['PUT', `${sub}/resourceGroups/${'g'.repeat(91)}?${groups}`, good, 400, 'InvalidResourceName', 'name'],
  ['PUT', `${sub}/resourceGroups/a%20b?${groups}`, good, 400, 'InvalidResourceName', 'name'],
  // Versions.
  ['GET', `${widgets}/One`, undefined, 400, 'MissingApiVersionParameter', 'api-version'],
  ['GET', `${widgets}/One?api-version=`, undefined, 400, 'MissingApiVersionParameter', 'api-version'],
  ['GET', `${widgets}/One?api-version=latest`, undefined, 400, 'InvalidApiVersionParameter', 'api-version'],
  ['GET', `${widgets}/One?api-version=2020-13-01`, undefined, 400, 'InvalidApiVersionParameter', 'api-version'],
  ['GET', `${widgets}/One?api-version=2020-01-01%27--`, undefined, 400, 'InvalidApiVersionParameter', 'api-version'],
  ['GET', `${widgets}/One?api-version=2019-01-01`, undefined, 400, 'NoRegisteredProviderFound', 'api-version'],
  ['GET', `${one}&api-version=2021-01-01`, undefined, 400, 'InvalidQueryParameter', 'api-version'],
  // Places.
  ['GET', `/subscriptions/other/resourceGroups?${groups}`, undefined, 404, 'SubscriptionNotFound', undefined],
  ['GET', one.replace('/bad/', '/none/'), undefined, 404, 'ResourceGroupNotFound', undefined],
  ['GET', one.replace('One', 'None'), undefined, 404, 'ResourceNotFound', undefined],
  ['PUT', one.replace('One', 'None/parts/Part'), {}, 404, 'ParentResourceNotFound', undefined],
  ['GET', one.replace('Test.Widget', 'Test.Other'), undefined, 404, 'InvalidResourceNamespace', 'path'],
  ['GET', one.replace('widgets', 'gadgets'), undefined, 404, 'InvalidResourceType', 'path'],
  ['GET', one.replace('widgets', 'constructor'), undefined, 404, 'InvalidResourceType', 'path'],
  ['GET', one.replace('widgets', '__proto__'), undefined, 404, 'InvalidResourceType', 'path'],
  ['GET', `/${'a/'.repeat(2000)}`, undefined, 404, 'NotFound', undefined],
  ['POST', one, {}, 405, 'MethodNotAllowed', undefined],
  ['OPTIONS', one, undefined, 405, 'MethodNotAllowed', undefined],
  ['TRACE', one, undefined, 405, 'MethodNotAllowed', undefined],
  ['PROPFIND', one, undefined, 405, 'MethodNotAllowed', undefined],
  // Queries.
  ['GET', `${widgets}?api-version=2020-01-01&$top=0`, undefined, 400, 'InvalidParameter', '$top'],
  ['GET', `${widgets}?api-version=2020-01-01&$top=-1`, undefined, 400, 'InvalidParameter', '$top'],
  ['GET', `${widgets}?api-version=2020-01-01&$top=x`, undefined, 400, 'InvalidParameter', '$top'],
  ['GET', `${widgets}?api-version=2020-01-01&$skiptoken=%00`, undefined, 400, 'InvalidParameter', '$skiptoken'],
  ['GET', `${group}/resources?${groups}&$filter=name%20eq`, undefined, 400, 'InvalidFilterInQueryString', '$filter'],
  ['GET', `${assignments}?api-version=2022-04-01&$filter=)`, undefined, 400, 'BadRequestFilter', '$filter'],
  // Conditions.
  ['PUT', one, good, 412, 'PreconditionFailed', 'If-Match', { 'if-match': '"other"' }],
  ['PUT', one, good, 412, 'PreconditionFailed', 'If-Match', { 'if-match': '\\"\\' }],
  ['PUT', one, good, 412, 'PreconditionFailed', 'If-None-Match', { 'if-none-match': '*' }],
  // Roles and principals.
  ['PUT', `${assignments}/${guid}?api-version=2022-04-01`, {}, 400, 'InvalidRequestContent', 'properties'],
  ['PUT', `${assignments}/x?api-version=2022-04-01`, {}, 400, 'InvalidResourceName', 'name'],
  [
    'PUT',
    `${assignments}/${guid}?api-version=2022-04-01`,
    { properties: { roleDefinitionId: 1, principalId: guid } },
    400,
    'InvalidRequestContent',
    'properties.roleDefinitionId',
  ],
  [
    'PUT',
    '/providers/Postern.Identity/principals/%3Cb%3E?api-version=2026-11-01',
    {},
    400,
    'InvalidResourceName',
    'name',
  ],
  [
    'PUT',
    `${group}/providers/Postern.Identity/principals/x?api-version=2026-11-01`,
    {},
    404,
    'InvalidResourceType',
    undefined,
  ],
  ['GET', `${sub}/operationresults/none?${groups}`, undefined, 404, 'OperationNotFound', 'none'],
];

const text = (value: unknown) => JSON.stringify(value)?.slice(0, 60) ?? '';

for (const [method, path, body, status, code, target, headers] of cases)
  test(`${method} ${path.replace(group, '').slice(0, 70)} ${text(body)} ${text(headers)} is ${code}`, async () => {
    const answer = await door.send(method, path, body, headers);
    assert.deepEqual(
      [answer.status, answer.body.error?.code],
      [status, code],
      JSON.stringify(answer.body).slice(0, 500),
    );
    assert.equal(answer.body.error.target, target);
    assert.equal(answer.body.error.message.length > 10, true);
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  });

/** Sends bytes as they are and resolves with the first line of what comes back, or what ended it. */
const raw = (bytes: string) =>
  new Promise<string>((resolve, reject) => {
    const { hostname, port } = new URL(door.origin);
    let received = '';
    const socket = connect({ host: hostname, port: Number(port), ca: readFileSync(door.caFile) }, () =>
      socket.write(bytes),
    );
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });

for (const [bytes, status] of [
  ['nonsense\r\n\r\n', 400],
  ['GET / HTTP/9.9\r\n\r\n', 400],
  ['GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n', 400],
  ['POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n', 400],
  [`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
  [`GET /${'x'.repeat(17_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 431],
] as const)
  test(`${text(bytes)} is answered with ${status} and closed`, async () => {
    const answer = await raw(bytes);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(answer, /"code":"BadRequest"/);
  });

test('after all that, nothing is broken and nothing was written', async () => {
  const { body } = await door.send('GET', one);
  assert.deepEqual([body.location, body.tags, body.properties], ['westeurope', {}, {}]);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  const rows = await door.database.selectFrom('resource').select('key').execute();
  assert.deepEqual(rows.map(({ key }) => key).sort(), [group.toLowerCase(), `${widgets.toLowerCase()}/one`]);
});

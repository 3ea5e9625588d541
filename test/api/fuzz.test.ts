// Whatever comes in, what goes out is an answer of ours and never a 5xx.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type OpenDoor, openDoor } from './front-door.ts';
import { widgetTypes } from './widget.ts';

let door: OpenDoor;
before(async () => {
  door = await openDoor({ types: () => widgetTypes() });
  const group = `/subscriptions/${door.subscriptionId}/resourceGroups/g`;
  await door.admin.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
});
after(() => door.discard());

const word = fc.constantFrom(
  'subscriptions',
  'resourceGroups',
  'providers',
  'Test.Widget',
  'widgets',
  'parts',
  'g',
  'Aa',
  'spin',
  'resources',
  'Microsoft.Authorization',
  'roleAssignments',
  'roleDefinitions',
  'permissions',
  'Postern.Identity',
  'principals',
  'locations',
  'operationresults',
  'operationStatuses',
  'tenants',
  '%2e%2e',
  '%00',
  '__proto__',
  'constructor',
  '',
  '20000000-0000-4000-8000-000000000002',
);
const segment = fc.oneof({ weight: 5, arbitrary: word }, { weight: 1, arbitrary: fc.string().map(encodeURIComponent) });
const start = fc.constantFrom(
  '',
  '/subscriptions/20000000-0000-4000-8000-000000000002',
  '/subscriptions/20000000-0000-4000-8000-000000000002/resourceGroups/g',
  '/subscriptions/20000000-0000-4000-8000-000000000002/resourceGroups/g/providers/Test.Widget/widgets',
  '/subscriptions/20000000-0000-4000-8000-000000000002/resourceGroups/g/providers/Microsoft.Authorization/roleAssignments',
);
const query = fc.constantFrom(
  'api-version=2020-01-01',
  'api-version=2021-04-01',
  'api-version=2022-04-01',
  'api-version=2026-11-01',
  'api-version=2020-01-01&$top=1&$skiptoken=AAAA',
  'api-version=2022-04-01&$filter=%27',
  '%',
  '',
);
const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE');
const known = fc.constantFrom('location', 'tags', 'properties', 'size', 'identity', 'sku', 'principalId', 'id');
const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom('westeurope', {}, { a: 'b' }, null, 1, [{}]));
const body = fc.oneof(
  fc.dictionary(fc.oneof(known, fc.string()), value, { maxKeys: 6 }),
  fc.record({ location: fc.constant('westeurope'), properties: value, tags: value }, { requiredKeys: ['location'] }),
  fc.record({ properties: fc.dictionary(known, value) }),
  fc.string(),
);
const header = fc.dictionary(
  fc.constantFrom('if-match', 'if-none-match', 'x-ms-client-request-id', 'x-ms-correlation-request-id', 'accept'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
);

test('no request ends as a 5xx', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([method, start, fc.array(segment, { maxLength: 6 }), query, body, header] as const),
      async (how, base, segments, asked, content, headers) => {
        const path = `${[base, ...segments].join('/') || '/'}?${asked}`;
        const answer = await door.send(how, path, how === 'GET' || how === 'HEAD' ? undefined : content, headers);
        assert.equal(answer.status < 500, true, `${answer.status} ${JSON.stringify(answer.body)}`);
        if (answer.status >= 400 && how !== 'HEAD')
          assert.equal(typeof answer.body.error === 'string' || answer.body.error.code.length > 0, true);
      },
    ),
    { numRuns: 500 },
  );
});

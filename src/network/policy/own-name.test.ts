import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOwnName } from './own-name.ts';
import { zoneNames, zones } from './zone.ts';

test('the user’s own names are taken in one spelling', () => {
  for (const [name, host] of [
    ['DB.Corp.Example.', 'db.corp.example'],
    ['sql.corp.internal', 'sql.corp.internal'],
    ['db.site.local', 'db.site.local'],
    ['sqlvm.privatelink.westeurope.cloudapp.azure.com', 'sqlvm.privatelink.westeurope.cloudapp.azure.com'],
    ['münchen.example', 'xn--mnchen-3ya.example'],
  ] as const)
    assert.deepEqual(readOwnName(name), { host });
});

test('no name of another target, and nothing that is no full host name, is taken', () => {
  const others = zones.flatMap((zone) => Object.values(zoneNames(zone, 'other')));
  for (const name of [
    ...others,
    ...others.map((each) => each.toUpperCase()),
    'blob.core.windows.net',
    'x.y.database.windows.net',
    'other.blob.core.chinacloudapi.cn',
    'localhost',
    'db',
    'db.localhost',
    '*.corp.example',
    'db..example',
    'db.example\u0000.com',
    '10.0.0.1',
    '1.2.3.4.in-addr.arpa',
    'internal',
    '',
  ])
    assert.ok('refused' in readOwnName(name), name);
});

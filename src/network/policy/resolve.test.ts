import assert from 'node:assert/strict';
import { test } from 'node:test';
import { managedKey, publicKey, sampleEndpoint, sampleNetwork, sampleSnapshot } from '../../../test/network/sample.ts';
import { compileSnapshot } from './compiled-snapshot.ts';
import { explain } from './explain.ts';
import { resolve } from './resolve.ts';
import { isStorageHost, zoneNames, zoneOf, zones } from './zone.ts';

const snapshot = compileSnapshot(sampleSnapshot());

test('the name of an endpoint resolves through the privatelink zone to its private address, in any state', () => {
  for (const state of ['Pending', 'Approved', 'Rejected', 'Disconnected', 'Expired'] as const) {
    const given = compileSnapshot(
      sampleSnapshot({ networks: [sampleNetwork({ endpoints: [sampleEndpoint({ state })] })] }),
    );
    assert.deepEqual(resolve(given, managedKey, 'AcmeSales.blob.core.windows.net.'), {
      kind: 'endpoint',
      host: 'acmesales.blob.core.windows.net',
      chain: [{ name: 'acmesales.blob.core.windows.net', alias: 'acmesales.privatelink.blob.core.windows.net' }],
      address: '10.77.0.4',
    });
  }
});

test('the privatelink name resolves straight to the address', () => {
  const resolution = resolve(snapshot, managedKey, 'acmesales.privatelink.blob.core.windows.net');
  assert.ok(resolution.kind === 'endpoint' && resolution.chain.length === 0 && resolution.address === '10.77.0.4');
});

test('other public names are for the gateway to name; the rest is unknown or illegal', () => {
  assert.equal(resolve(snapshot, managedKey, 'other.blob.core.windows.net').kind, 'public');
  assert.equal(resolve(snapshot, publicKey, 'acmesales.blob.core.windows.net').kind, 'public');
  assert.equal(resolve(snapshot, managedKey, 'localhost').kind, 'unknown');
  assert.equal(resolve(snapshot, 'gone', 'api.example.com').kind, 'unknown');
  assert.equal(resolve(snapshot, managedKey, 'a\0b.example').kind, 'illegal');
});

test('an address literal is explained as one', () => {
  const told = explain(snapshot, managedKey, { host: '::ffff:127.0.0.1', port: 443 });
  assert.equal(told.verdict.code, 'AddressLiteral');
  assert.equal(told.flow.address, '127.0.0.1');
  assert.equal(told.resolution, null);
  assert.equal(explain(snapshot, managedKey, { host: '10.77.0.4', port: 443 }).verdict.code, 'Allowed.PrivateEndpoint');
});

test('zones are found in any case and give Azure’s names', () => {
  const blob = zoneOf('microsoft.storage/STORAGEACCOUNTS', 'Blob')!;
  assert.deepEqual(zoneNames(blob, 'AcmeSales'), {
    host: 'acmesales.blob.core.windows.net',
    privateLinkName: 'acmesales.privatelink.blob.core.windows.net',
  });
  const vault = zoneOf('Microsoft.KeyVault/vaults', 'vault')!;
  assert.equal(zoneNames(vault, 'keys').privateLinkName, 'keys.privatelink.vaultcore.azure.net');
  assert.equal(zoneOf('Microsoft.Storage/storageAccounts', 'sqlServer'), undefined);
});

test('every host of a storage account’s zones is a storage host', () => {
  for (const each of zones)
    assert.equal(
      isStorageHost(zoneNames(each, 'acme').host),
      each.resourceType === 'Microsoft.Storage/storageAccounts',
      each.groupId,
    );
});

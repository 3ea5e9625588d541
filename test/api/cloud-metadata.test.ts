// What a client asks first of an unknown cloud, without a token.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type OpenDoor, openDoor } from './front-door.ts';
import { createSender, type Sender } from './sender.ts';

let door: OpenDoor;
let sender: Sender;
before(async () => {
  door = await openDoor();
  sender = createSender(door.origin, readFileSync(door.caFile));
});
after(async () => {
  sender.close();
  await door.discard();
});

const metadata = async (version: string, path = '/metadata/endpoints') => {
  const { status, text } = await sender.send('GET', `${path}?api-version=${version}`);
  assert.equal(status, 200, version);
  return JSON.parse(text) as unknown;
};

test('each api-version has the shape that its clients read', async () => {
  const one = (await metadata('2022-09-01')) as Record<string, unknown>;
  assert.equal(one.name, 'Postern');
  assert.equal(one.resourceManager, door.origin);
  assert.deepEqual(one.authentication, {
    loginEndpoint: door.origin,
    audiences: ['https://management.azure.com/', `${door.origin}/`],
    tenant: 'common',
    identityProvider: 'AAD',
  });
  assert.equal((one.suffixes as Record<string, string>).keyVaultDns, 'vault.azure.net');
  assert.deepEqual(await metadata('2019-05-01'), [one]);
  const located = (await metadata('2018-01-01', '//metadata/endpoints')) as {
    cloudEndpoint: { Postern: { locations: string[] } };
  };
  assert.ok(located.cloudEndpoint.Postern.locations.includes('westeurope'));
  const { authentication } = (await metadata('2015-01-01')) as { authentication: { loginEndpoint: string } };
  assert.equal(authentication.loginEndpoint, door.origin);
});

test('another version, method or path is refused, and so is a long body of somebody without a token', async () => {
  const codeOf = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const reply = await sender.send(method, path, body, headers);
    return [reply.status, (reply.body as { error: { code: string } }).error.code];
  };
  assert.deepEqual(await codeOf('GET', '/metadata/endpoints'), [400, 'MissingApiVersionParameter']);
  assert.deepEqual(await codeOf('PUT', '/metadata/endpoints?api-version=2022-09-01'), [405, 'MethodNotAllowed']);
  assert.deepEqual(await codeOf('GET', '/metadata/endpoints/more?api-version=2022-09-01'), [
    401,
    'AuthenticationFailed',
  ]);
  for (const path of ['/metadata/endpoints?api-version=2022-09-01', `/${door.tenantId}/oauth2/v2.0/token`])
    assert.deepEqual(await codeOf('PUT', path, 'x'.repeat(20_000)), [413, 'RequestEntityTooLarge']);
});

import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ClientSecretCredential } from '@azure/identity';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { ensureAdministrator } from '../../src/arm/principal.ts';
import { openSigningKey } from '../../src/arm/token/signing-key.ts';
import { type OpenDoor, openDoor } from './front-door.ts';
import { createSender, type Sender, signIn } from './sender.ts';

let door: OpenDoor;
let sender: Sender;
let key: KeyObject;
const version = 'api-version=2022-12-01';

before(async () => {
  door = await openDoor();
  sender = createSender(door.origin, readFileSync(door.caFile));
  key = openSigningKey(door.dataDir).privateKey;
});
after(async () => {
  sender.close();
  await door.discard();
});

const ask = (more: Record<string, string>, tenant = door.tenantId) =>
  sender.send(
    'POST',
    `/${tenant}/oauth2/v2.0/token`,
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: door.administrator.clientId,
      client_secret: door.administrator.clientSecret,
      scope: `${door.origin}/.default`,
      ...more,
    }).toString(),
    { 'content-type': 'application/x-www-form-urlencoded' },
  );
const withToken = (authorization: string | undefined) =>
  sender.send('GET', `/subscriptions?${version}`, undefined, authorization === undefined ? {} : { authorization });

test('ClientSecretCredential works as it is, for both audiences, with and without a slash', async () => {
  const { clientId, clientSecret } = door.administrator;
  const credential = new ClientSecretCredential(door.tenantId, clientId, clientSecret, {
    authorityHost: door.origin,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: readFileSync(door.caFile, 'utf8') },
  });
  for (const scope of [
    `${door.origin}/.default`,
    `${door.origin}//.default`,
    'https://management.azure.com/.default',
    'https://management.azure.com//.default',
  ]) {
    const { token, expiresOnTimestamp } = (await credential.getToken(scope))!;
    assert.equal(expiresOnTimestamp > Date.now() + 3_000_000, true);
    assert.equal((await withToken(`Bearer ${token}`)).status, 200, scope);
  }
});

test('discovery leads to keys that check the token, and the token says who and where', async () => {
  const found = await sender.send('GET', `/${door.tenantId}/v2.0/.well-known/openid-configuration`);
  assert.equal(found.body.issuer, `${door.origin}/${door.tenantId}/v2.0`);
  const keys = await sender.send('GET', String(found.body.jwks_uri));
  assert.equal(JSON.stringify(keys.body).includes('"d"'), false);
  const { body } = await ask({});
  const { payload, protectedHeader } = await jwtVerify(
    String(body.access_token),
    createLocalJWKSet(keys.body as unknown as Parameters<typeof createLocalJWKSet>[0]),
    { issuer: String(found.body.issuer), audience: door.origin },
  );
  assert.equal(protectedHeader.alg, 'RS256');
  assert.equal(payload.oid, door.administrator.objectId);
  assert.equal(payload.appid, door.administrator.clientId);
  assert.equal(payload.tid, door.tenantId);
});

for (const [more, status, number] of [
  [{ client_secret: 'wrong' }, 401, 7000215],
  [{ client_id: '00000000-0000-0000-0000-000000000000' }, 401, 7000215],
  [{ client_secret: '' }, 400, 900144],
  [{ client_id: '' }, 400, 900144],
  [{ grant_type: 'password' }, 400, 70003],
  [{ grant_type: '' }, 400, 900144],
  [{ scope: 'https://elsewhere.example/.default' }, 400, 500011],
  [{ scope: '' }, 400, 500011],
] as const)
  test(`${JSON.stringify(more)} is refused with AADSTS${number}`, async () => {
    const answer = await ask(more);
    assert.deepEqual([answer.status, answer.body.error_codes], [status, [number]]);
    assert.match(String(answer.body.error_description), new RegExp(`^AADSTS${number}: `));
    assert.equal('access_token' in answer.body, false);
  });

test('another tenant is refused, and so is another method', async () => {
  assert.deepEqual((await ask({}, crypto.randomUUID())).body.error_codes, [90002]);
  assert.equal((await sender.send('GET', `/${door.tenantId}/oauth2/v2.0/token`)).status, 405);
  assert.equal((await sender.send('GET', `/${door.tenantId}/elsewhere`)).status, 404);
});

test('a form that is long, or does not say how long, is not read', async () => {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const place = `/${door.tenantId}/oauth2/v2.0/token`;
  const long = await sender.send('POST', place, 'x'.repeat(17_000), type);
  assert.deepEqual([long.status, long.body.error.code], [413, 'RequestEntityTooLarge']);
  const chunked = await sender.send('POST', place, undefined, { ...type, 'transfer-encoding': 'chunked' });
  assert.equal(chunked.status, 413);
});

test('a client id that fails too often must wait', async () => {
  const other = { client_id: crypto.randomUUID(), client_secret: 'guess' };
  for (let count = 0; count < 10; count += 1) assert.equal((await ask(other)).status, 401);
  const refused = await ask(other);
  assert.equal(refused.status, 429);
  assert.equal(Number(refused.headers['retry-after']) > 0, true);
  assert.equal((await ask({})).status, 200, 'others need not');
});

test('a request without a good token is a 401 that says why', async () => {
  const sign = (claims: Record<string, unknown>, by: KeyObject = key, expires = '1h') =>
    new SignJWT({ oid: door.administrator.objectId, tid: door.tenantId, ...claims })
      .setProtectedHeader({ alg: 'RS256' })
      .setAudience((claims.aud as string) ?? door.origin)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(by);
  assert.equal((await withToken(`Bearer ${await sign({})}`)).status, 200, 'the twin of those below');
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const [header, payload] = (await sign({})).split('.');
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const [authorization, code] of [
    [undefined, 'AuthenticationFailed'],
    ['', 'InvalidAuthenticationToken'],
    ['Basic eA==', 'InvalidAuthenticationToken'],
    ['Bearer x', 'InvalidAuthenticationToken'],
    [`Bearer ${unsigned}.${payload}.`, 'InvalidAuthenticationToken'],
    [`Bearer ${unsigned}.${payload}.x`, 'InvalidAuthenticationToken'],
    [`Bearer ${header}.${payload}.AAAA`, 'InvalidAuthenticationToken'],
    [`Bearer ${await sign({}, stranger)}`, 'InvalidAuthenticationToken'],
    [`Bearer ${await sign({ oid: crypto.randomUUID() })}`, 'InvalidAuthenticationToken'],
    [`Bearer ${await sign({ oid: 1 })}`, 'InvalidAuthenticationToken'],
    [`Bearer ${await sign({}, key, '-1h')}`, 'ExpiredAuthenticationToken'],
    [`Bearer ${await sign({ tid: 'other' })}`, 'InvalidAuthenticationTokenTenant'],
    [`Bearer ${await sign({ aud: 'https://graph.microsoft.com' })}`, 'InvalidAuthenticationTokenAudience'],
  ] as const) {
    const answer = await withToken(authorization);
    assert.deepEqual([answer.status, answer.body.error?.code], [401, code], String(authorization));
    assert.match(String(answer.headers['www-authenticate']), /^Bearer authorization_uri="/);
  }
});

test('the key that signs is kept, readable by its owner only', () => {
  const file = path.join(door.dataDir, 'token.key');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(openSigningKey(door.dataDir).id, openSigningKey(door.dataDir).id);
});

test('the administrator keeps a secret that still works, and gets a new one where it does not', async () => {
  const { objectId, ...known } = door.administrator;
  assert.deepEqual(await ensureAdministrator(door.database, known), { objectId, ...known });
  const fresh = await ensureAdministrator(door.database);
  assert.equal(fresh.objectId, door.administrator.objectId);
  assert.equal(fresh.clientId, door.administrator.clientId);
  assert.equal((await ask({})).status, 401);
  assert.ok(await signIn(sender, door.tenantId, fresh));
});

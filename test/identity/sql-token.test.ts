// Logins by token at a SQL server of the sandbox by itself, by tedious.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConnectionConfiguration } from 'tedious';
import { openStage, type SqlStage } from '../sql/client.ts';
import { type Claims, publicKey, tenantId, tokenFor, wrongTokens } from './token.ts';

const aud = 'https://database.windows.net/';
const host = 'acme.database.windows.net';

let stage: SqlStage;
let answers: (objectId: string | null) => unknown = () => null;
const administrators = (objectId: string | null) => ({
  authority: 'https://localhost:1',
  permissions: objectId === 'gone' ? null : objectId === 'owner' ? ['administer'] : [],
});

before(async () => {
  stage = await openStage({
    tokens: {
      host,
      trust: { key: publicKey, tenantId },
      ask: async (question) => answers((question as { objectId: string | null }).objectId),
    },
  });
  answers = administrators;
});
after(async () => {
  await stage?.close();
  assert.deepEqual(stage?.troubles, []);
});

const by = (token: string): ConnectionConfiguration['authentication'] => ({
  type: 'azure-active-directory-access-token',
  options: { token },
});
const withClaims = async (claims: Claims = {}) =>
  stage.connect({ authentication: by(await tokenFor({ aud, ...claims })) });

test('the administrator logs in by a token, in TDS 7.4 and 8, and the SQL login goes on', async () => {
  for (const options of [{}, { encrypt: 'strict' }] as const) {
    const client = await stage.connect({ authentication: by(await tokenFor({ aud })), options });
    assert.deepEqual((await client.batch('SELECT SUSER_SNAME(), CURRENT_USER')).rows, [[`app@${tenantId}`, 'dbo']]);
    await client.close();
  }
  await (await withClaims({ aud: 'https://database.windows.net', postern_host: host })).close();
  await (await stage.connect()).close();
});

test('a client that asks where to get a token is told, and let in with it', async () => {
  let scope: string | string[] = '';
  const credential = {
    getToken: async (asked: string | string[]) => {
      scope = asked;
      return { token: await tokenFor({ aud }), expiresOnTimestamp: Date.now() + 60_000 };
    },
  };
  const authentication = { type: 'token-credential', options: { credential } } as const;
  const client = await stage.connect({ authentication });
  assert.equal(scope, 'https://database.windows.net/.default');
  assert.deepEqual((await client.batch('SELECT 1')).rows, [[1]]);
  await client.close();
});

test('whatever is wrong with a token is refused with 18456, also for who knows the password', async () => {
  for (const [fault, token] of await wrongTokens(aud, 'other.database.windows.net')) {
    const refused = {
      code: 'ELOGIN',
      number: 18456,
      message: /^Login failed for user '<token-identified principal>'. \S/,
    };
    await assert.rejects(stage.connect({ authentication: by(token) }), refused, fault);
  }
  await assert.rejects(withClaims({ oid: 'stranger' }), /'stranger' is not the Microsoft Entra administrator/);
  await assert.rejects(withClaims({ aud: 'https://storage.azure.com' }), /Ask for the scope 'https:\/\/database/);
});

test('the control plane is asked at each login; where it does not answer nobody is let in', async () => {
  answers = () => ({ authority: '', permissions: [] });
  await assert.rejects(withClaims(), /not the Microsoft Entra administrator/);
  answers = () => null;
  await assert.rejects(withClaims(), { number: 40613, message: /retry the connection/ });
  answers = administrators;
  await (await withClaims()).close();
});

test('a server that takes tokens only refuses its SQL login', async (t) => {
  const closed = await openStage({
    takesTokensOnly: true,
    tokens: { host, trust: { key: publicKey, tenantId }, ask: async () => administrators('owner') },
  });
  t.after(() => closed.close());
  const refused = { number: 18456, message: /Azure Active Directory only authentication is enabled/ };
  await assert.rejects(closed.connect(), refused);
  await (await closed.connect({ authentication: by(await tokenFor({ aud })) })).close();
});

test('a server without an issuer takes no token', async (t) => {
  const bare = await openStage();
  t.after(() => bare.close());
  await assert.rejects(bare.connect({ authentication: by(await tokenFor({ aud })) }), /its SQL login only, no tokens/);
});

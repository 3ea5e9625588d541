import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { groupOf } from '../api/estate.ts';
import { asStudio, openStudio, type StudioStage } from './stage.ts';

let stage: StudioStage;
let groups: string;
const groupVersion = 'api-version=2021-04-01';
const json = { 'content-type': 'application/json' };
const codes = '/providers/Postern.Authoring/signInCodes?api-version=2026-11-01';

before(async () => {
  stage = await openStudio();
  groups = `/subscriptions/${stage.subscriptionId}/resourcegroups?${groupVersion}`;
});
after(() => stage.discard());

const enter = (body: object, headers: Record<string, string> = {}) =>
  stage.browse('POST', '/studio/session', { ...json, ...headers }, JSON.stringify(body));
const codeOf = ({ body }: { body: object }) => (body as { error?: { code?: string } }).error?.code;
const newCode = async () => String((await stage.admin.call('POST', codes, {})).code);
const cookieOf = (answer: Awaited<ReturnType<typeof enter>>) => answer.headers['set-cookie']![0]!.split(';')[0]!;

test('a code signs in once; the cookie is what a session needs to be', async () => {
  const made = await stage.admin.call('POST', codes, {});
  assert.equal(made.url, `${stage.origin}/studio/#code=${made.code}`);
  assert.equal(Buffer.from(String(made.code), 'base64url').length, 32);
  const entered = await enter({ code: made.code });
  assert.equal(entered.status, 200);
  const { objectId, name, tenantId, subscriptionId, expiresAt } = entered.body;
  assert.deepEqual(
    [objectId, name, tenantId, subscriptionId],
    [stage.administrator.objectId, 'administrator', stage.tenantId, stage.subscriptionId],
  );
  assert.ok(Date.parse(String(expiresAt)) > Date.now() + 7 * 3600 * 1000);
  assert.match(
    entered.headers['set-cookie']![0]!,
    /^__Host-postern-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
  );
  assert.equal(entered.headers['cache-control'], 'no-store');

  const again = await enter({ code: made.code });
  assert.deepEqual([again.status, codeOf(again)], [401, 'SignInFailed'], 'a code that was used');
  assert.equal(again.headers['set-cookie'], undefined);
  const seen = await stage.browse('GET', '/studio/session', { cookie: cookieOf(entered) });
  assert.deepEqual([seen.status, seen.body], [200, entered.body]);
});

test('a client id and its secret sign in; what is wrong is said, and too often must wait', async () => {
  const { clientId, clientSecret, objectId } = stage.administrator;
  assert.equal((await enter({ clientId, clientSecret })).body.objectId, objectId);
  for (const [body, code] of [
    [{}, 'InvalidRequestContent'],
    [{ code: 7 }, 'InvalidRequestContent'],
    [{ clientId }, 'InvalidRequestContent'],
  ] as const) {
    const refused = await enter(body);
    assert.deepEqual([refused.status, codeOf(refused)], [400, code]);
  }
  const guess = { clientId: crypto.randomUUID(), clientSecret: 'guess' };
  for (let count = 0; count < 10; count += 1) assert.equal(codeOf(await enter(guess)), 'SignInFailed');
  const refused = await enter(guess);
  assert.deepEqual([refused.status, codeOf(refused)], [429, 'TooManyRequests']);
  assert.ok(Number(refused.headers['retry-after']) > 0);
});

test('a session reads and writes as its principal may at that moment', async () => {
  const reader = await stage.principal('session-reader', ['acdd72a7-3385-48ef-bd42-f606fba81ae7', '/']);
  const { objectId } = await principalNamed('session-reader');
  const cookie = await stage.cookie(objectId);
  reader.close();
  assert.equal((await stage.browse('GET', groups, asStudio(cookie))).status, 200);
  const place = `${groupOf(stage, 'by-session')}?${groupVersion}`;
  const write = (who: string) =>
    stage.browse('PUT', place, { ...asStudio(who), ...json, origin: stage.origin }, '{"location":"westeurope"}');
  const refused = await write(cookie);
  assert.deepEqual([refused.status, codeOf(refused)], [403, 'AuthorizationFailed']);
  assert.equal((await write(await stage.cookie())).status, 201);
  const permissions = `${groupOf(stage, 'by-session')}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
  const held = await stage.browse('GET', permissions, asStudio(cookie));
  assert.deepEqual(
    (held.body.value as { actions: string[] }[]).map(({ actions }) => actions),
    [['*/read']],
  );

  await stage.admin.call('DELETE', '/providers/Postern.Identity/principals/session-reader?api-version=2026-11-01');
  assert.equal((await stage.browse('GET', groups, asStudio(cookie))).status, 401);
  const seen = await stage.browse('GET', '/studio/session', { cookie });
  assert.deepEqual([seen.status, codeOf(seen)], [401, 'ExpiredSession']);
});

const principalNamed = async (name: string) => {
  const found = await stage.admin.call('GET', `/providers/Postern.Identity/principals/${name}?api-version=2026-11-01`);
  return found.properties as { objectId: string };
};

test('what another site could have a browser send is refused, and changes nothing', async () => {
  const cookie = await stage.cookie();
  const place = `${groupOf(stage, 'forged')}?${groupVersion}`;
  const send = (headers: Record<string, string>) =>
    stage.browse('PUT', place, { ...json, ...headers }, '{"location":"westeurope"}');
  for (const [headers, status, code] of [
    [{ cookie }, 401, 'AuthenticationFailed'],
    [{ cookie, 'x-postern-studio': '0' }, 401, 'AuthenticationFailed'],
    [{ cookie, 'sec-fetch-site': 'same-origin' }, 401, 'AuthenticationFailed'],
    [{ ...asStudio(cookie), origin: 'https://evil.example' }, 403, 'CrossSiteRequest'],
    [{ ...asStudio(cookie), origin: 'null' }, 403, 'CrossSiteRequest'],
    [{ ...asStudio(cookie), origin: stage.origin.replace('https', 'http') }, 403, 'CrossSiteRequest'],
    [{ ...asStudio(cookie), origin: `${stage.origin}0` }, 403, 'CrossSiteRequest'],
    [{ ...asStudio(cookie), 'sec-fetch-site': 'cross-site' }, 403, 'CrossSiteRequest'],
    [{ ...asStudio(cookie), 'sec-fetch-site': 'same-site' }, 403, 'CrossSiteRequest'],
    [{ ...asStudio(cookie), host: 'evil.example', origin: 'https://evil.example' }, 403, 'CrossSiteRequest'],
    [{ ...asStudio(`${cookie}; ${cookie}`) }, 401, 'ExpiredSession'],
    [{ ...asStudio('__Host-postern-session=guess') }, 401, 'ExpiredSession'],
    [{ ...asStudio(`__Host-postern-session=${'A'.repeat(43)}`) }, 401, 'ExpiredSession'],
    [{ ...asStudio('other=1') }, 401, 'AuthenticationFailed'],
  ] as const) {
    const refused = await send(headers as Record<string, string>);
    assert.deepEqual([refused.status, codeOf(refused)], [status, code], JSON.stringify(headers));
    assert.equal(refused.headers['access-control-allow-origin'], undefined);
  }
  assert.equal((await stage.browse('GET', place, asStudio(cookie))).status, 404, 'nothing was written');
  const preflight = await stage.browse('OPTIONS', place, {
    origin: 'https://evil.example',
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'x-postern-studio',
  });
  assert.equal(preflight.status, 401);
  assert.equal(preflight.headers['access-control-allow-origin'], undefined);
});

test("another site's form signs nobody in or out", async () => {
  const cookie = await stage.cookie();
  const code = await newCode();
  const form = await stage.browse(
    'POST',
    '/studio/session',
    { 'content-type': 'text/plain', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    JSON.stringify({ code }),
  );
  assert.deepEqual([form.status, codeOf(form)], [403, 'CrossSiteRequest']);
  const plain = await stage.browse(
    'POST',
    '/studio/session',
    { 'content-type': 'text/plain' },
    JSON.stringify({ code }),
  );
  assert.deepEqual([plain.status, codeOf(plain)], [415, 'UnsupportedMediaType']);
  const out = await stage.browse('DELETE', '/studio/session', { cookie, origin: 'https://evil.example' });
  assert.deepEqual([out.status, codeOf(out)], [403, 'CrossSiteRequest']);
  assert.equal((await stage.browse('GET', groups, asStudio(cookie))).status, 200);
  assert.equal((await enter({ code })).status, 200, 'the code was not used up');
});

test('signing in ends the session that came along, and its token is never taken over', async () => {
  const before = await stage.cookie();
  const planted = `__Host-postern-session=${'B'.repeat(43)}`;
  for (const cookie of [before, planted]) {
    const entered = await enter({ code: await newCode() }, { cookie });
    assert.equal(entered.status, 200);
    assert.notEqual(cookieOf(entered), cookie);
    const seen = await stage.browse('GET', groups, asStudio(cookie));
    assert.deepEqual([seen.status, codeOf(seen)], [401, 'ExpiredSession']);
  }
});

test('signing out ends the session at once', async () => {
  const cookie = await stage.cookie();
  const out = await stage.browse('DELETE', '/studio/session', asStudio(cookie));
  assert.equal(out.status, 204);
  assert.match(out.headers['set-cookie']![0]!, /^__Host-postern-session=; .*Max-Age=0$/);
  const seen = await stage.browse('GET', groups, asStudio(cookie));
  assert.deepEqual([seen.status, codeOf(seen)], [401, 'ExpiredSession']);
});

test('codes for others are for those who may make principals; a session makes none', async () => {
  const engineer = await stage.principal('coder', ['673868aa-7521-48a0-acc6-0f60742d39f5', '/']);
  assert.equal((await engineer.send('POST', codes, {})).status, 200);
  const other = await engineer.send('POST', codes, { principalId: stage.administrator.objectId });
  assert.deepEqual([other.status, codeOf(other)], [403, 'AuthorizationFailed']);
  engineer.close();
  const nobody = await stage.admin.send('POST', codes, { principalId: crypto.randomUUID() });
  assert.deepEqual([nobody.status, codeOf(nobody)], [404, 'PrincipalNotFound']);
  const cookie = await stage.cookie();
  const chained = await stage.browse('POST', codes, { ...asStudio(cookie), ...json }, '{}');
  assert.deepEqual([chained.status, codeOf(chained)], [403, 'TokenRequired']);
});

test('pages: types, caching, one page for every path, and nothing outside of the folder', async () => {
  const root = await stage.browse('GET', '/');
  assert.deepEqual([root.status, root.headers.location], [302, '/studio/']);
  const page = await stage.browse('GET', '/studio/');
  assert.equal(page.status, 200);
  assert.equal(page.headers['cache-control'], 'no-cache');
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal((await stage.browse('GET', '/studio/factories/acme')).text.includes('<title>Studio'), true);
  const asset = await stage.browse('GET', '/studio/assets/app-1a2b3c.js');
  assert.deepEqual(
    [asset.status, asset.headers['content-type'], asset.headers['cache-control'], asset.text],
    [200, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable', 'export {};'],
  );
  const head = await stage.browse('HEAD', '/studio/assets/app-1a2b3c.js');
  assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '10', '']);
  for (const [place, status] of [
    ['/studio/assets/none.js', 404],
    ['/studio/assets/..%2f..%2fsecret.txt', 400],
    ['/studio/../secret.txt', 400],
    ['/studio/%2e%2e/secret.txt', 400],
    ['/studio/..%5csecret.txt', 404],
    ['/studio/assets/app-1a2b3c.js%00.html', 400],
    ['/studio/.env.txt', 404],
    ['/studio/linked.txt', 404],
  ] as const) {
    const refused = await stage.browse('GET', place);
    assert.equal(refused.status, status, place);
    assert.equal(refused.text.includes('not for browsers'), false);
  }
  assert.equal(codeOf(await stage.browse('PUT', '/studio/assets/app-1a2b3c.js')), 'MethodNotAllowed');
});

test('every answer of the Studio forbids framing, foreign scripts and sniffing; the nonce is new each time', async () => {
  const nonces = new Set<string>();
  for (const place of [
    '/studio/',
    '/studio/',
    '/studio/assets/app-1a2b3c.js',
    '/studio/none.js',
    '/studio/session',
    '/',
  ]) {
    const { headers, text } = await stage.browse('GET', place);
    const policy = String(headers['content-security-policy']);
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
      assert.ok(policy.includes(rule), `${place}: ${policy}`);
    assert.equal(policy.includes('unsafe'), false);
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    const nonce = /<meta name="csp-nonce" content="([^"]+)">/.exec(text)?.[1];
    if (place !== '/studio/') continue;
    assert.ok(nonce && policy.includes(`style-src 'self' 'nonce-${nonce}'`));
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 2);
});

test('without a built Studio the page says how to build it', async () => {
  const bare = await openStudio({ studioFolder: '/nowhere/at/all' });
  try {
    const page = await bare.browse('GET', '/studio/');
    assert.equal(page.status, 503);
    assert.match(page.text, /npm run build/);
  } finally {
    await bare.discard();
  }
});

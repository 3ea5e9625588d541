import assert from 'node:assert/strict';
import { test } from 'node:test';
import { managedKey, sampleNetwork, sampleSnapshot } from '../../../test/network/sample.ts';
import { compileSnapshot } from './compiled-snapshot.ts';
import { explain } from './explain.ts';
import { isKnownByTrying, ruleOf, ruleOfCode } from './rule.ts';

const open = compileSnapshot(
  sampleSnapshot({ networks: [sampleNetwork({ egress: { mode: 'Https', audit: false, hosts: [] } })] }),
);

test('an explanation names the rule; a name that is not resolved is the resolver’s to refuse', () => {
  const rule = (host: string, port = 443) => explain(open, managedKey, { host, port }).rule.name;
  assert.equal(rule('acmesales.blob.core.windows.net'), 'endpoint');
  assert.equal(rule('other.blob.core.windows.net'), 'storage');
  assert.equal(rule('api.example.com'), 'egress');
  assert.equal(rule('api.example.com', 22), 'port');
  assert.equal(rule('192.0.2.1'), 'name');
  assert.equal(rule('a\0b.example.com'), 'resolver');
  const refused = explain(open, managedKey, { host: 'nas.local', port: 443 });
  assert.deepEqual([refused.rule.name, refused.verdict.code, refused.flow.port], ['resolver', 'HostNotAllowed', 53]);
});

test('the server name that TLS would begin with is judged too', () => {
  const code = (serverName?: string | null) =>
    explain(open, managedKey, { host: 'api.example.com', port: 443, ...(serverName !== undefined && { serverName }) })
      .verdict.code;
  assert.equal(code(), 'Allowed.PublicHttps');
  assert.equal(code('API.example.com.'), 'Allowed.PublicHttps');
  assert.equal(code('front.example.com'), 'ServerNameMismatch');
  assert.equal(code(null), 'ServerNameMismatch');
});

test('what only trying can tell is no rule’s to foresee', () => {
  assert.ok(isKnownByTrying('TargetIsInternal') && isKnownByTrying('StoreUnavailable'));
  assert.ok(!isKnownByTrying('EndpointPending') && !isKnownByTrying('HostNotAllowed'));
  const { verdict } = explain(open, managedKey, { host: 'api.example.com', port: 22 });
  assert.deepEqual(ruleOfCode('PortNotAllowed'), ruleOf(verdict));
});

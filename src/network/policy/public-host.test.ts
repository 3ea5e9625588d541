import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicKey, sampleFlow, sampleNetwork, sampleSnapshot } from '../../../test/network/sample.ts';
import { compileSnapshot } from './compiled-snapshot.ts';
import { decide, denyUnavailable } from './decide.ts';
import type { EgressPolicy, Flow } from './model.ts';
import { parsePublicHosts } from './public-host.ts';

const host = 'api.example.com';
const backend = { address: '10.0.0.7', port: 8443 };

test('a public host is read from what the operator wrote, its name in one spelling', () => {
  assert.deepEqual(parsePublicHosts(['API.Example.com.=10.0.0.7:8443', 'six.example.com=[::1]:443']), [
    { host, backend },
    { host: 'six.example.com', backend: { address: '::1', port: 443 } },
  ]);
});

test('what is no public host is refused, and the value is quoted', () => {
  for (const [text, why] of [
    ['', /NAME=ADDRESS:PORT/],
    [host, /NAME=ADDRESS:PORT/],
    ['api.example.com=10.0.0.7', /NAME=ADDRESS:PORT/],
    ['api.example.com=::1:443', /NAME=ADDRESS:PORT/],
    ['api.example.com=[10.0.0.7]:443', /no IP address/],
    ['api.example.com=localhost:443', /no IP address/],
    ['api.example.com=10.0.0.7:0', /port/],
    ['api.example.com=10.0.0.7:65536', /port/],
    ['api\0.example.com=10.0.0.7:443', /no public host name/],
    ['localhost=127.0.0.1:443', /no public host name/],
    ['db.internal=127.0.0.1:443', /no public host name/],
    ['10.0.0.7=10.0.0.7:443', /no public host name/],
    ['acme.blob.core.windows.net=10.0.0.7:443', /private endpoint/],
  ] as const)
    assert.throws(
      () => parsePublicHosts([text]),
      (error: Error) => why.test(error.message) && error.message.includes(JSON.stringify(text)),
      text,
    );
  assert.throws(() => parsePublicHosts([`${host}=10.0.0.7:1`, `${host}.=10.0.0.7:2`]), /named twice/);
});

const judge = (egress: Partial<EgressPolicy>, changes: Partial<Flow> = {}) => {
  const policy: EgressPolicy = { mode: 'Https', audit: false, hosts: [], ...egress };
  const networks = [
    sampleNetwork({ egress: policy }),
    sampleNetwork({ key: publicKey, kind: 'public', egress: policy }),
  ];
  const snapshot = compileSnapshot({ ...sampleSnapshot({ networks }), publicHosts: [{ host, backend }] });
  return decide(snapshot, sampleFlow({ address: '198.18.0.1', host, ...changes }));
};

test('a vouched host goes to its address by the same rules as any public host', () => {
  const verdict = judge({});
  assert.ok(verdict.code === 'Allowed.PublicHttps' && verdict.needsServerName);
  assert.deepEqual(verdict.backend, backend);
  assert.equal(judge({ mode: 'None' }).code, 'HostNotAllowed');
  assert.equal(judge({ mode: 'AllowList', hosts: ['other.example.com'] }).code, 'HostNotAllowed');
  assert.equal(judge({}, { port: 8443 }).code, 'PortNotAllowed');
  assert.equal(judge({}, { serverName: 'other.example.com' }).code, 'ServerNameMismatch');
  assert.equal(judge({}, { serverName: host }).code, 'Allowed.PublicHttps');
});

test('where any port is allowed, a vouched host serves 443 and the port it was named with', () => {
  for (const flow of [{}, { network: publicKey }]) {
    for (const port of [443, 8443]) {
      const verdict = judge({ mode: 'AnyPort' }, { ...flow, port });
      assert.ok(verdict.code === 'Allowed.PublicHttps');
      assert.equal(verdict.needsServerName, port === 443 ? true : undefined);
    }
    const verdict = judge({ mode: 'AnyPort' }, { ...flow, port: 22 });
    assert.ok(verdict.code === 'UnknownPort' && /443, 8443/.test(verdict.message));
  }
});

test('an allowed host that does not answer is HostUnreachable, a store StoreUnavailable', () => {
  const snapshot = compileSnapshot(sampleSnapshot());
  const denied = denyUnavailable(snapshot, sampleFlow({ host, address: '198.18.0.1' }), 'the connection failed (EX)');
  assert.equal(denied.code, 'HostUnreachable');
  assert.match(denied.message, /\(EX\)/);
  assert.equal(denyUnavailable(snapshot, sampleFlow()).code, 'StoreUnavailable');
});

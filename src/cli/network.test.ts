import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortIds } from '../base/show.ts';
import { flowLines } from './command/flows.ts';
import { CommandError } from './command-error.ts';
import { parseHostPort } from './network.ts';
import type { ShownFlow } from './network-shape.ts';
import { wrap } from './wording.ts';

test('what is to be reached is a host or an address, with a port or 443', () => {
  for (const [text, host, port] of [
    ['acme.blob.core.windows.net', 'acme.blob.core.windows.net', 443],
    ['acme.example:1433', 'acme.example', 1433],
    ['10.0.0.1:80', '10.0.0.1', 80],
    ['2001:db8::1', '2001:db8::1', 443],
    ['[2001:db8::1]:80', '2001:db8::1', 80],
  ] as const)
    assert.deepEqual(parseHostPort(text), { host, port });
  for (const wrong of [undefined, '', 'https://a.example', 'a.example:', 'a.example:0', 'a.example:65536', 'a:b:c'])
    assert.throws(() => parseHostPort(wrong), CommandError, String(wrong));
});

test('text is broken between words, and ids are shortened where they are only read', () => {
  assert.deepEqual(wrap('one two  three four', 9), ['one two', 'three', 'four']);
  assert.deepEqual(wrap('a-word-that-is-too-long b', 5), ['a-word-that-is-too-long', 'b']);
  assert.equal(
    shortIds('ask /subscriptions/1/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acme now'),
    'ask …/storageAccounts/acme now',
  );
});

const flow: ShownFlow = {
  id: '1',
  worker: 'worker-1',
  at: '2026-11-01T10:11:12.345Z',
  address: '10.77.0.4',
  port: 443,
  protocol: 'tcp',
  host: 'acme.example',
  verdict: 'allowed',
  code: 'Allowed.PrivateEndpoint',
  message: '',
  remedy: '',
  bytesSent: 1500,
  bytesReceived: 2_500_000,
  durationMs: 1200,
  endedAt: '2026-11-01T10:11:13.545Z',
  end: 'cut',
  activityName: 'Copy',
  activityRunId: 'r',
};

test('a flow is one line, a refusal with its reason and remedy below, and no control character passes', () => {
  assert.match(
    flowLines(flow),
    /^10:11:12\.345 {2}✔ {2}acme\.example:443 +Allowed\.PrivateEndpoint +↑ 1\.5 kB ↓ 2\.5 MB 1\.2 s {2}cut {2}Copy$/,
  );
  assert.match(
    flowLines({ ...flow, endedAt: null, durationMs: null, end: null }),
    / live ↑ 1\.5 kB ↓ 2\.5 MB {2}Copy$/,
  );
  assert.match(
    flowLines({ ...flow, endedAt: null, bytesSent: 0, bytesReceived: 0, durationMs: null, end: null }),
    / live {2}Copy$/,
  );
  assert.match(flowLines({ ...flow, end: 'closed', audited: 'HostNotAllowed' }), / {2}audit: HostNotAllowed {2}Copy$/);
  const denied: ShownFlow = {
    ...flow,
    host: 'a\u001b]0;owned\u0007.example',
    verdict: 'denied',
    code: 'HostNotAllowed',
    message: 'No \u001b[2Jway',
    remedy: 'Ask',
    bytesSent: 0,
    bytesReceived: 0,
    end: 'closed',
  };
  const lines = flowLines(denied);
  assert.deepEqual(
    lines
      .split('\n')
      .slice(1)
      .map((line) => line.trim()),
    ['No way', '→ Ask'],
  );
  assert.doesNotMatch(lines, /[\u0000-\u0009\u000b-\u001f]/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalHost, isPublicHost } from './host-name.ts';

test('a host name has one spelling', () => {
  for (const spelling of ['AcmeSales.Blob.Core.Windows.NET', 'acmesales.blob.core.windows.net.'])
    assert.equal(canonicalHost(spelling), 'acmesales.blob.core.windows.net');
  assert.equal(canonicalHost('BÜCHER.example'), 'xn--bcher-kva.example');
});

test('what is no legal host name is refused', () => {
  const illegal = [
    '',
    '.',
    'a..example',
    '.example',
    'a\0.example',
    'a b.example',
    'a\n.example',
    '-a.example',
    'a-.example',
    'a/b.example',
    'a@b.example',
    'a:443',
    '*.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
    'acmesales\u3002blob.core.windows.net',
    'acmesales\uff0eblob.core.windows.net',
    'acmesales\uff61evil.example',
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '::1',
    '[::1]',
    '2130706433',
    'example..',
  ];
  for (const name of illegal) assert.equal(canonicalHost(name), null, JSON.stringify(name));
});

test('canonicalHost never throws, and its result is its own canonical spelling', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain()), (name) => {
      const host = canonicalHost(name);
      if (host === null) return;
      assert.match(host, /^[a-z0-9_.-]{1,253}$/);
      assert.equal(canonicalHost(host), host);
      assert.equal(canonicalHost(`${host.toUpperCase()}.`), host);
    }),
  );
});

test('single labels and special-use names are no public hosts', () => {
  for (const host of [
    'localhost',
    'db',
    'printer.local',
    'metadata.google.internal',
    'x.onion',
    '1.0.0.127.in-addr.arpa',
  ])
    assert.equal(isPublicHost(host), false, host);
  assert.equal(isPublicHost('api.example.com'), true);
});

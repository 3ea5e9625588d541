import assert from 'node:assert/strict';
import dns from 'node:dns';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { openCertificateAuthority } from '../src/sandbox/certificate-authority.ts';
import { leadToLoopback } from './loopback.ts';

/** In no order, and however they are written. */
const trusted = () => new Set(tls.getCACertificates('default').map((certificate) => certificate.replace(/\s/g, '')));
const addressOf = (host: string) =>
  new Promise<string>((resolve, reject) => {
    dns.lookup(host, {}, (error, address) => (error ? reject(error) : resolve(String(address))));
  });

test('stages say whom to trust and which names are theirs, and take it back in any order', async (context) => {
  const root = await mkdtemp(path.join(tmpdir(), 'postern-loopback-'));
  context.after(() => rm(root, { recursive: true, force: true }));
  const before = [trusted(), dns.lookup];
  const open = async (name: string) => {
    const { caFile } = await openCertificateAuthority(path.join(root, name));
    const leave = leadToLoopback({ caFile, leads: (host) => host === `${name}.example` });
    return { leave, trusted: trusted() };
  };
  const one = await open('one');
  const two = await open('two');
  assert.equal(two.trusted.size, 2);
  assert.deepEqual(await Promise.all(['one.example', 'two.example'].map(addressOf)), ['127.0.0.1', '127.0.0.1']);
  await assert.rejects(addressOf('three.example'), { code: 'ENOTFOUND' });
  one.leave();
  assert.deepEqual(trusted(), two.trusted.difference(one.trusted));
  await assert.rejects(addressOf('one.example'), { code: 'ENOTFOUND' });
  assert.equal(await addressOf('two.example'), '127.0.0.1');
  two.leave();
  assert.deepEqual([trusted(), dns.lookup], before);
});

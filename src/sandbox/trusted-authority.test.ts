import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openCertificateAuthority } from './certificate-authority.ts';
import { writeTrusted } from './trusted-authority.ts';

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'postern-trust-'));
});
after(() => rm(root, { recursive: true, force: true }));

test('the operator’s authorities stand beside Postern’s own, without their keys; none leaves its own alone', async () => {
  const [own, corporate] = await Promise.all(
    ['own', 'corporate'].map((name) => openCertificateAuthority(join(root, name))),
  );
  assert.equal(await writeTrusted(root, own!.caFile, []), own!.caFile);
  const [key, cert] = await Promise.all(
    ['ca-key.pem', 'ca.pem'].map((name) => readFile(join(root, 'corporate', name), 'utf8')),
  );
  const both = join(root, 'both.pem');
  await writeFile(both, key! + cert!);
  const text = await readFile(await writeTrusted(root, own!.caFile, [both]), 'utf8');
  assert.equal(text.match(/BEGIN CERTIFICATE/g)?.length, 2);
  assert.ok(text.includes(cert!.trim()) && !text.includes('PRIVATE'));

  const leaf = join(root, 'leaf.pem');
  await writeFile(leaf, (await corporate!.issue(['db.corp.example'])).cert.split(/(?<=END CERTIFICATE-----\n)/)[0]!);
  const empty = join(root, 'empty.pem');
  await writeFile(empty, 'nothing');
  const broken = join(root, 'broken.pem');
  await writeFile(broken, cert!.replace(/[A-Za-z]{20}/, 'AAAAAAAAAAAAAAAAAAAA'));
  for (const file of [leaf, empty, broken, join(root, 'nowhere.pem')])
    await assert.rejects(writeTrusted(root, own!.caFile, [file]), {
      code: 'BadTrustFile',
      message: /cannot be trusted/,
    });
});

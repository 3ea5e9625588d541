import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setDefaultCACertificates } from 'node:tls';
import { openCertificateAuthority } from '../../sandbox/certificate-authority.ts';
import { openFileStore } from './open.ts';

/** The digest of each request that wrote bytes, as the store was sent it. */
const digests: (string | undefined)[] = [];
const folder = await mkdtemp(join(tmpdir(), 'postern-digest-'));
const authority = await openCertificateAuthority(folder);
setDefaultCACertificates([await readFile(authority.caFile, 'utf8')]);
const server = createServer(await authority.issue(['127.0.0.1']), (request, response) => {
  digests.push(request.headers['content-md5'] as string | undefined);
  request.resume().on('end', () => response.writeHead(201, { 'x-ms-request-id': 'one' }).end());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const { port } = server.address() as AddressInfo;
const key = Buffer.from('a key').toString('base64');
const account = {
  values: {
    connectionString: `AccountName=acme;AccountKey=${key};BlobEndpoint=https://127.0.0.1:${port}/acme`,
  },
  where: 'linked service',
};
const location = { values: { container: 'data' }, where: 'location' };
const bytes = Buffer.from('some bytes');
const signal = new AbortController().signal;

test('a block carries its digest where that is asked for, and only there', async () => {
  await openFileStore(account, location, { digests: true }).begin('a', 8).stage(0, bytes, signal);
  await openFileStore(account, location, { digests: false }).begin('a', 8).stage(0, bytes, signal);
  assert.deepEqual(digests, [createHash('md5').update(bytes).digest('base64'), undefined]);
});

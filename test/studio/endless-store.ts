// A storage account that is attached, and whose blobs never end: each answer goes on, a few bytes at a time, until its reader
// goes away. What reads from it is certainly in progress.
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import type { RunningPostern } from '../postern.ts';

/** The store. */
export type EndlessStore = {
  /** Where it is attached, as the tag says it. */
  backend: string;
  /** Resolves once a reader has had the first bytes of a blob. */
  reading(): Promise<void>;
  close(): void;
};

const size = 1_000_000;
const dripMs = 20;

/** Opens one for the account `name`, with a certificate that the workers of a Postern trust. */
export const openEndlessStore = async (postern: RunningPostern, name: string): Promise<EndlessStore> => {
  const authority = await openCertificateAuthority(path.join(postern.dataDir, 'authority'));
  const read = Promise.withResolvers<void>();
  const server = createServer(
    await authority.issue([`${name}.blob.core.windows.net`]),
    ({ method, headers }, response) => {
      const [, first = '0', last = String(size - 1)] = /bytes=(\d+)-(\d+)/.exec(String(headers['x-ms-range'])) ?? [];
      const isPart = headers['x-ms-range'] !== undefined;
      response.writeHead(isPart ? 206 : 200, {
        'content-length': Number(last) - Number(first) + 1,
        ...(isPart && { 'content-range': `bytes ${first}-${last}/${size}` }),
        etag: '"0x1"',
        'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
        'x-ms-blob-type': 'BlockBlob',
        'x-ms-version': '2025-05-05',
      });
      if (method === 'HEAD') return void response.end();
      const timer = setInterval(() => {
        response.write('.');
        read.resolve();
      }, dripMs);
      response.once('close', () => clearInterval(timer)).on('error', () => {});
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    backend: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    reading: () => read.promise,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

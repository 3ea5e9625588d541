// What is judged must be what a TLS server sees: hellos are read by the gateway's reader and by a real server.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { after, test } from 'node:test';
import { createSecureContext, TLSSocket } from 'node:tls';
import fc from 'fast-check';
import {
  extension,
  helloMessage,
  inRecords,
  modernExtensions,
  nameEntry,
  nameExtension,
} from '../../../test/network/client-hello.ts';
import { openCertificateAuthority } from '../../sandbox/certificate-authority.ts';
import { canonicalHost } from '../policy/host-name.ts';
import { createHelloReader } from './client-hello.ts';

const host = 'api.example.com';
const folder = await mkdtemp(path.join(tmpdir(), 'postern-hello-'));
after(() => rm(folder, { recursive: true, force: true }));
const secureContext = createSecureContext(await (await openCertificateAuthority(folder)).issue([host]));

/** What a TLS server makes of an opening: the server name it saw, and whether it goes on with the handshake. */
const serverReads = (opening: Buffer): Promise<{ name: string | null; accepts: boolean }> =>
  new Promise((resolve) => {
    let name: string | null = null;
    const finish = (accepts: boolean) => {
      resolve({ name, accepts });
      tls.destroy();
    };
    const wire = new Duplex({
      read() {},
      write: (chunk: Buffer, _encoding, done) => {
        done();
        // A handshake record: its hello. Anything else is an alert.
        finish(chunk[0] === 22);
      },
    });
    const tls = new TLSSocket(wire, {
      isServer: true,
      secureContext,
      SNICallback: (seen, choose) => {
        name = seen;
        choose(null);
      },
    });
    tls.on('error', () => finish(false)).on('close', () => finish(false));
    wire.push(opening);
    wire.push(null);
  });

/** The name that the gateway judges, null where it refuses. */
const gatewayReads = (opening: Buffer): string | null => createHelloReader().push(opening) ?? null;

const names = fc.oneof(
  fc.constantFrom(
    host,
    'API.Example.COM',
    `${host}.`,
    `${host}..`,
    `${host}\0.evil.example`,
    'xn--bcher-kva.example',
    'bücher.example',
    '127.0.0.1',
    '::1',
    '[::1]',
    ' ',
    '',
    `*.example.com`,
    `${'a'.repeat(63)}.example`,
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}a`,
    `${'a.'.repeat(1000)}a`,
  ),
  fc.domain(),
  fc.string({ unit: 'binary', maxLength: 300 }),
);
const entry = fc
  .tuple(names, fc.oneof({ arbitrary: fc.constant(0), weight: 5 }, { arbitrary: fc.nat(255), weight: 1 }))
  .map(([name, type]) => nameEntry(name, type));
const oneName = fc.oneof(
  { arbitrary: entry.map((one) => nameExtension(one)), weight: 6 },
  { arbitrary: fc.array(entry, { maxLength: 3 }).map((entries) => nameExtension(...entries)), weight: 1 },
  { arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => extension(0, bytes)), weight: 1 },
);
const nameExtensions = fc.oneof(
  { arbitrary: oneName.map((one) => [one]), weight: 6 },
  { arbitrary: fc.array(oneName, { maxLength: 3 }), weight: 1 },
);
const otherExtension = fc
  .tuple(
    fc.constantFrom(1, 5, 11, 16, 21, 23, 28, 41, 42, 44, 45, 49, 0xfe0d, 0xff01, 0x0a0a),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([type, bytes]) => extension(type, bytes));

/** A hello from plain to hostile: names, extensions in any order, records of any size, a few bytes changed, more behind it. */
const openings = fc
  .record({
    named: nameExtensions,
    modern: fc.constantFrom(modernExtensions('with a key'), modernExtensions('without a key')),
    others: fc.array(otherExtension, { maxLength: 2 }),
    record: fc.oneof(fc.constant(16_384), fc.integer({ min: 1, max: 300 })),
    changes: fc.array(fc.record({ at: fc.nat(2000), to: fc.nat(255) }), { maxLength: 2 }),
    isChanged: fc.integer({ min: 0, max: 3 }),
    behind: fc.oneof(
      { arbitrary: fc.constant(null), weight: 4 },
      { arbitrary: fc.uint8Array({ maxLength: 60 }), weight: 1 },
    ),
  })
  .chain(({ named, modern, others, record, changes, isChanged, behind }) =>
    fc
      .shuffledSubarray([...named, ...modern, ...others], { minLength: named.length + modern.length + others.length })
      .map((extensions) => {
        const message = helloMessage(...extensions);
        const sent = inRecords(behind ? Buffer.concat([message, behind]) : message, record);
        if (isChanged === 0) for (const { at, to } of changes) sent[at % sent.length] = to;
        return sent;
      }),
  );

test('the name that is judged is the one that a TLS server sees, or the flow is refused', async () => {
  let agreed = 0;
  await fc.assert(
    fc.asyncProperty(openings, async (opening) => {
      const judged = gatewayReads(opening);
      if (judged === null) return;
      const { name, accepts } = await serverReads(opening);
      if (name !== null) assert.equal(canonicalHost(name), judged);
      else assert.equal(accepts, false, 'the server goes on without a name');
      if (name !== null && accepts) agreed += 1;
    }),
    { numRuns: Number(process.env.RUNS ?? 2000) },
  );
  assert.ok(agreed > 100, `both read a name in ${agreed} hellos`);
});

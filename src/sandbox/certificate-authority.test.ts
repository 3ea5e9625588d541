import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { openCertificateAuthority } from './certificate-authority.ts';
import { certificateName } from './certificate-name.ts';

const temporaryFolder = async (context: TestContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-ca-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** What a TLS client that trusts `ca` says about a server that shows `issued`: '' when all is well, or the error's code. */
const handshake = async (issued: { key: string; cert: string }, ca: string, host: string): Promise<string> => {
  const server = createServer(issued, (socket) => socket.end()).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
  const raw = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
  // An address is no legal server name, and node:tls checks `host` in its place.
  const client = connect({ socket: raw, host, ca, ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }) });
  try {
    await once(client, 'secureConnect');
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    client.destroy();
    server.close();
  }
};

test('a client that trusts the authority accepts each of the names, and no other', async (context) => {
  const authority = await openCertificateAuthority(await temporaryFolder(context));
  const ca = await readFile(authority.caFile, 'utf8');
  const issued = await authority.issue(['acme.blob.core.windows.net', 'localhost', '127.0.0.1', '::1']);
  for (const host of ['acme.blob.core.windows.net', 'localhost', '127.0.0.1', '::1'])
    assert.equal(await handshake(issued, ca, host), '', host);
  for (const host of ['other.blob.core.windows.net', '127.0.0.2'])
    assert.equal(await handshake(issued, ca, host), 'ERR_TLS_CERT_ALTNAME_INVALID', host);
});

test('a client that trusts another authority refuses', async (context) => {
  const mine = await openCertificateAuthority(await temporaryFolder(context));
  const other = await openCertificateAuthority(await temporaryFolder(context));
  const issued = await mine.issue(['localhost']);
  const code = await handshake(issued, await readFile(other.caFile, 'utf8'), 'localhost');
  assert.equal(code, 'SELF_SIGNED_CERT_IN_CHAIN');
});

test('the authority signs servers only: no authority below it, keys for its owner only', async (context) => {
  const folder = await temporaryFolder(context);
  const authority = await openCertificateAuthority(folder);
  const issued = await authority.issue(['localhost']);
  const leaf = new X509Certificate(issued.cert);
  assert.equal(leaf.ca, false);
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.ok(leaf.validToDate.getTime() - leaf.validFromDate.getTime() <= 366 * 86_400_000);
  const secret = [join(folder, 'ca-key.pem')];
  for (const name of await readdir(join(folder, 'issued'))) secret.push(join(folder, 'issued', name));
  assert.equal(secret.length, 2);
  for (const file of secret) assert.equal((await stat(file)).mode & 0o777, 0o600, file);
});

test('openssl, at its strictest, accepts the chain', async (context) => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
  } catch {
    context.skip('openssl is not installed; node:tls has checked the chain above');
    return;
  }
  const folder = await temporaryFolder(context);
  const authority = await openCertificateAuthority(folder);
  const leaf = join(folder, 'leaf.pem');
  await writeFile(leaf, (await authority.issue(['acme.table.core.windows.net'])).cert);
  const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'acme.table.core.windows.net'];
  const out = execFileSync('openssl', [...verify, '-CAfile', authority.caFile, leaf], { encoding: 'utf8' });
  assert.match(out, /OK/);
});

test('a second start, and two requests at once, give the same certificate; half a life later it is a new one', async (context) => {
  const folder = await temporaryFolder(context);
  const first = await openCertificateAuthority(folder);
  const [a, b] = await Promise.all([first.issue(['localhost', '::1']), first.issue(['::1', 'LOCALHOST'])]);
  assert.equal(new X509Certificate(a.cert).checkHost('localhost'), 'localhost');
  assert.notEqual(new X509Certificate(b.cert).checkIP('::1'), undefined);
  const again = await openCertificateAuthority(folder);
  assert.deepEqual(await again.issue(['localhost', '::1']), a);
  const now = () => new Date(Date.now() + 200 * 86_400_000);
  const later = await openCertificateAuthority(folder, { now });
  assert.equal(later.caFile, first.caFile);
  const renewed = await later.issue(['localhost', '::1']);
  assert.notEqual(renewed.cert, a.cert);
  assert.ok(new X509Certificate(renewed.cert).validToDate.getTime() > now().getTime() + 300 * 86_400_000);
});

test('an authority in its last year is replaced, and what it signed with it', async (context) => {
  const folder = await temporaryFolder(context);
  const first = await openCertificateAuthority(folder);
  const before = await first.issue(['localhost']);
  const old = await readFile(first.caFile, 'utf8');
  const later = await openCertificateAuthority(folder, { now: () => new Date(Date.now() + 3400 * 86_400_000) });
  assert.notEqual(await readFile(later.caFile, 'utf8'), old);
  assert.notEqual((await later.issue(['localhost'])).cert, before.cert);
});

test('files that do not belong together stop the start and are named', async (context) => {
  const folder = await temporaryFolder(context);
  const other = await temporaryFolder(context);
  await openCertificateAuthority(folder);
  await openCertificateAuthority(other);
  await writeFile(join(folder, 'ca-key.pem'), await readFile(join(other, 'ca-key.pem')));
  await assert.rejects(openCertificateAuthority(folder), /ca-key\.pem and .*ca\.pem do not belong together/);
});

test('a name is a DNS name or an address, in one canonical form', () => {
  assert.deepEqual(certificateName('Acme.Blob.Core.Windows.NET'), { type: 'dns', value: 'acme.blob.core.windows.net' });
  assert.deepEqual(certificateName('[::1]'), { type: 'ip', value: '::1' });
  for (const name of [
    '',
    '.',
    '*.core.windows.net',
    '../../etc',
    'a b',
    'a\0b',
    'a/b',
    '-a',
    'a..b',
    'fe80::1%eth0',
    'a'.repeat(64),
  ])
    assert.throws(() => certificateName(name), RangeError, JSON.stringify(name));
});

// GET and HEAD below `/studio/`: the files of the web application, and its one page for every path that is no file.
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pageHeaders } from './page-header.ts';
import { openStaticFile } from './static-file.ts';

/** What a browser gets. */
export type PageReply = { status: number; headers: Record<string, string>; body: Readable | string | undefined };

const html = 'text/html; charset=utf-8';

const notBuilt =
  '<!doctype html><html lang="en"><title>Postern</title><p>The Studio is not built yet. Run <code>npm run build</code> in the folder of Postern, then reload this page.</p></html>\n';

const nothing = (): PageReply => ({
  status: 404,
  headers: { ...pageHeaders(), 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' },
  body: 'There is no such file.\n',
});

/** Lets the page give its own style elements the nonce of this reply's policy. */
const withNonce = (page: string, nonce: string) =>
  page.replace(/<head[^>]*>/i, (head) => `${head}<meta name="csp-nonce" content="${nonce}">`);

const index = async (folder: string): Promise<PageReply> => {
  const headers = { 'content-type': html, 'cache-control': 'no-cache' };
  const found = await openStaticFile(folder, ['index.html']);
  if (!found) return { status: 503, headers: { ...pageHeaders(), ...headers }, body: notBuilt };
  const nonce = randomBytes(16).toString('base64');
  try {
    const body = withNonce(await found.file.readFile('utf8'), nonce);
    return { status: 200, headers: { ...pageHeaders(nonce), ...headers }, body };
  } finally {
    await found.file.close();
  }
};

/**
 * What stands at a path below `/studio/`. Files under `assets/` carry a hash in their names, so they are kept for ever;
 * a path without an extension is the application's to understand. Where the build left a file packed with Brotli, whoever
 * accepts that (`accepted` is the Accept-Encoding header) gets it so.
 */
export const readPage = async (
  folder: string,
  segments: readonly string[],
  isHead: boolean,
  accepted = '',
): Promise<PageReply> => {
  const last = segments.at(-1) ?? '';
  if (!last.includes('.') || (segments.length === 1 && last === 'index.html')) return index(folder);
  const packed = /\bbr\b/.test(accepted) ? await openStaticFile(folder, segments, '.br') : null;
  const found = packed ?? (await openStaticFile(folder, segments));
  if (!found) return nothing();
  const keep = segments[0] === 'assets' ? 'public, max-age=31536000, immutable' : 'no-cache';
  const headers = {
    ...pageHeaders(),
    'content-type': found.type,
    'content-length': `${found.size}`,
    'cache-control': keep,
    vary: 'accept-encoding',
    ...(packed && { 'content-encoding': 'br' }),
  };
  if (!isHead) return { status: 200, headers, body: found.file.createReadStream() };
  await found.file.close();
  return { status: 200, headers, body: undefined };
};

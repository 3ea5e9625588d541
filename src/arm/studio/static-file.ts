// The built web application, as files. A path names a file below one folder, or nothing.
import { type FileHandle, open, realpath } from 'node:fs/promises';
import path from 'node:path';

/** An open file: whoever gets it closes it. */
export type OpenFile = { file: FileHandle; type: string; size: number };

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Opens the file with these path segments below a folder; null where there is none, or it leads out of the folder. With a
 * `suffix`, the file of that name beside it: the same, packed.
 */
export const openStaticFile = async (
  folder: string,
  segments: readonly string[],
  suffix = '',
): Promise<OpenFile | null> => {
  const type = types[path.extname(segments.at(-1) ?? '').toLowerCase()];
  // Segments hold neither slashes nor `..` (`request-url.ts`); what begins with a dot is nobody's business.
  if (type === undefined || segments.some((segment) => segment.startsWith('.') || segment.includes('\\'))) return null;
  let file: FileHandle | undefined;
  try {
    const root = await realpath(folder);
    const place = await realpath(`${path.join(root, ...segments)}${suffix}`);
    if (!place.startsWith(`${root}${path.sep}`)) return null;
    file = await open(place);
    const found = await file.stat();
    if (found.isFile()) return { file, type, size: found.size };
  } catch {
    // Not there.
  }
  await file?.close();
  return null;
};

// Ranges of bytes as requests name them. Pure.
import { StorageError } from './storage-error.ts';
import type { StorageRequest } from './storage-request.ts';

/** Bytes from `start` to before `end`. */
export type ByteRange = { start: number; end: number };

const unsatisfiable = (size: number) =>
  new StorageError(416, 'InvalidRange', 'The range specified is invalid for the current size of the resource.', {
    'content-range': `bytes */${size}`,
  });

/** The range that a request names, as written; undefined where it names none. An open end is Infinity. */
export const readRange = (request: StorageRequest): ByteRange | undefined => {
  const text = request.header('x-ms-range') ?? request.header('range');
  if (text === undefined) return undefined;
  const [, from, to] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(text.trim()) ?? [];
  if (from === undefined || (to && Number(to) < Number(from)))
    throw new StorageError(400, 'InvalidHeaderValue', "A range must be written as 'bytes=0-1023'.");
  return { start: Number(from), end: to ? Number(to) + 1 : Number.POSITIVE_INFINITY };
};

/** The part of something of `size` bytes that a read asks for, and the status and headers that say so. */
export const rangeToRead = (request: StorageRequest, size: number) => {
  const asked = readRange(request);
  if (!asked) return { range: { start: 0, end: size }, status: 200, headers: {} };
  if (asked.start >= size) throw unsatisfiable(size);
  const range = { start: asked.start, end: Math.min(asked.end, size) };
  return { range, status: 206, headers: { 'content-range': `bytes ${range.start}-${range.end - 1}/${size}` } };
};

import { StorageError } from './storage-error.ts';
import type { StorageRequest } from './storage-request.ts';

/** The length that a request says its body has. */
export const bodyLength = (request: StorageRequest): number => {
  const text = request.header('content-length') ?? '';
  if (!/^\d{1,15}$/.test(text))
    throw new StorageError(411, 'MissingContentLengthHeader', 'Content-Length HTTP header is missing.');
  return Number(text);
};

// What the clients of a storage account tell of a file beside its bytes, the same way for all of its sub-resources. Pure.
import type { FileAttributes } from '../file-store.ts';

type Told = Partial<Record<Exclude<keyof FileAttributes, 'metadata'>, string>> & { metadata?: Record<string, string> };

/** The attributes of a file. Metadata that only says what is a folder is not its owner's. */
export const attributesOf = (told: Told): FileAttributes => {
  const { contentType, contentEncoding, contentLanguage, contentDisposition, cacheControl } = told;
  const metadata = Object.entries(told.metadata ?? {}).filter(([name]) => name.toLowerCase() !== 'hdi_isfolder');
  return {
    metadata: Object.fromEntries(metadata),
    contentType,
    contentEncoding,
    contentLanguage,
    contentDisposition,
    cacheControl,
  };
};

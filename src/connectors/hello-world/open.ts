import { ActivityError } from '../../base/error.ts';
import type { FileStoreModule } from '../definition.ts';
import type { FileStore } from '../file-store.ts';
import { MissingError } from '../missing-error.ts';
import { textAt } from '../property.ts';

/** Opens the store: one file with the linked service's `greeting`. */
export const openFileStore: FileStoreModule['openFileStore'] = (linkedService) => {
  const bytes = Buffer.from(`${textAt(linkedService, 'greeting') ?? 'Hello, world'}\n`);
  const file = { path: 'hello.txt', size: bytes.length, version: '1', modifiedAt: new Date(0) };
  const refuse = () => {
    throw new ActivityError('UserErrorWriteNotSupported', 'A HelloWorld store cannot be written to.');
  };
  const store: FileStore = {
    name: 'hello-world',
    async *list(prefix) {
      if (file.path.startsWith(prefix)) yield file;
    },
    async *children(prefix) {
      if (prefix === '') yield { name: file.path, kind: 'File' };
    },
    find: async (path) => (path === file.path ? file : undefined),
    read: async (_, offset, into) => void bytes.copy(into, 0, offset, offset + into.length),
    put: async () => refuse(),
    begin: refuse,
    missing: (path) => new MissingError('UserErrorFileNotFound', `There is no '${path}'; there is 'hello.txt'.`),
    remove: async () => refuse(),
  };
  return store;
};

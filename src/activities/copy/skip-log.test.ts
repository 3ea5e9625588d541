import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityError } from '../../base/error.ts';
import type { FileStore } from '../../connectors/file-store.ts';
import { MissingError } from '../../connectors/missing-error.ts';
import { createSkipLog } from './skip-log.ts';

const never = new AbortController().signal;

/** A store in memory that puts each part where its number says, as those do that write by offset. */
const offsetStore = () => {
  const files = new Map<string, Buffer>();
  const store: FileStore = {
    name: 'memory',
    async *list() {},
    async *children() {},
    find: async () => undefined,
    read: async () => {},
    put: async (path, bytes) => void files.set(path, Buffer.from(bytes)),
    begin: (path, partBytes) => {
      let whole = Buffer.alloc(0);
      return {
        stage: async (index, bytes) => {
          const end = index * partBytes + bytes.length;
          if (end > whole.length) whole = Buffer.concat([whole, Buffer.alloc(end - whole.length)]);
          bytes.copy(whole, index * partBytes);
        },
        commit: async () => void files.set(path, whole),
        discard: async () => {},
      };
    },
    missing: (path) => new MissingError('Missing', path),
    remove: async () => {},
  };
  return { store, files };
};

const error = new ActivityError('TypeConversionFailure', 'does not fit');

test('a log of many parts is whole in a store that writes by offset; a short one is written at once', async () => {
  for (const rows of [1, 120]) {
    const { store, files } = offsetStore();
    const log = createSkipLog({ folder: 'log/', shown: 'box/log/', isRedirect: true }, 'Copy', 'job', store);
    // Characters of several bytes: what fits as text need not fit as bytes.
    const value = 'ž€'.repeat(15_000);
    for (let row = 0; row < rows; row += 1) {
      log.skip(error, [`${row}`, value]);
      await log.drained(never);
    }
    await log.end(never);
    const [[path, bytes], ...others] = [...files] as [[string, Buffer], ...[string, Buffer][]];
    assert.deepEqual(others, []);
    assert.match(path, /^log\/job\/[\w-]+\.csv$/);
    const lines = bytes.toString().split('\r\n');
    assert.equal(lines.pop(), '');
    const wanted = Array.from(
      { length: rows },
      (_, row) => `"${row}","${value}","${error.errorCode}","${error.message}"`,
    );
    assert.deepEqual(lines, wanted);
  }
});

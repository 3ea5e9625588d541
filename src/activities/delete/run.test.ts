import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runWith } from '../../../test/copy/activity.ts';
import { contentOf, dataset, fill, linkedService, openStage } from '../../../test/copy/stage.ts';
import { tableDataset } from '../../../test/copy/table.ts';
import type { JsonObject } from '../../base/json.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

let boxes = 0;
/** What is left of five files, and how many were deleted. */
const left = async (location: JsonObject, typeProperties: JsonObject = {}) => {
  boxes += 1;
  const container = `box${boxes}`;
  await fill(stage.source, container, {
    'a.csv': '1',
    'b.txt': '1',
    'in/a.csv': '1',
    'in/deep/a.csv': '1',
    'inn/a.csv': '1',
  });
  const given = dataset('Binary', linkedService(stage.source), { container, ...location });
  const { filesDeleted } = await runWith('Delete', given, typeProperties);
  return [filesDeleted, Object.keys(await contentOf(stage.source, container)).join(' ')];
};
const settings = (more: JsonObject) => ({ storeSettings: { type: 'AzureBlobStorageReadSettings', ...more } });

test('a file, a folder with and without what is below it, a wildcard; nothing else goes', async () => {
  assert.deepEqual(await left({ folderPath: 'in', fileName: 'a.csv' }), [1, 'a.csv b.txt in/deep/a.csv inn/a.csv']);
  assert.deepEqual(await left({ folderPath: 'in' }), [1, 'a.csv b.txt in/deep/a.csv inn/a.csv']);
  assert.deepEqual(await left({ folderPath: 'in' }, settings({ recursive: true })), [2, 'a.csv b.txt inn/a.csv']);
  assert.deepEqual(await left({ folderPath: 'in' }, { recursive: true }), [2, 'a.csv b.txt inn/a.csv']);
  const csv = settings({ wildcardFileName: '*.csv' });
  assert.deepEqual(await left({}, csv), [1, 'b.txt in/a.csv in/deep/a.csv inn/a.csv']);
});

test('nothing to delete is no error', async () => {
  assert.deepEqual((await left({ fileName: 'none' }))[0], 0);
  assert.deepEqual((await left({ folderPath: 'none' }, { recursive: true }))[0], 0);
});

test('what Delete does not do is refused before anything goes', async () => {
  await assert.rejects(left({}, { enableLogging: true }), {
    errorCode: 'UserErrorInvalidProperty',
    message: /enableLogging is not supported/,
  });
  await assert.rejects(left({}, settings({ type: 'Other' })), { errorCode: 'UserErrorInvalidProperty' });
  await assert.rejects(runWith('Delete', tableDataset(stage.source, 'films')), {
    errorCode: 'UserErrorUnsupportedStore',
    message: /table/,
  });
});

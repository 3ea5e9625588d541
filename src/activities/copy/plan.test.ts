import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyJob, dataset } from '../../../test/copy/stage.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ActivityJob } from '../job.ts';
import { readPlan } from './plan.ts';

const service = { name: 'Sales', type: 'AzureBlobStorage', typeProperties: { connectionString: 'x' } };
const binary = dataset('Binary', service, { container: 'box' });
const text = dataset('DelimitedText', service, { container: 'box' });
const good = copyJob(text, text);

/** The job with something else at a path of it. */
const changed = (job: ActivityJob, path: string, value: unknown): ActivityJob => {
  const copy = structuredClone(job);
  const names = path.split('.');
  let at: JsonObject = copy as unknown as JsonObject;
  for (const name of names.slice(0, -1)) {
    at[name] ??= {};
    at = at[name] as JsonObject;
  }
  at[names.at(-1)!] = value as JsonObject;
  return copy;
};

test('a job that is whole is planned', () => {
  const plan = readPlan(changed(good, 'typeProperties.parallelCopies', 3));
  assert.equal(plan.parallelCopies, 3);
  assert.ok(plan.source.kind === 'files');
  assert.equal(plan.source.format?.type, 'DelimitedText');
  assert.equal(plan.source.selection.recursive, true);
});

for (const [path, value, errorCode, named] of [
  ['inputs', [], 'UserErrorInvalidCopyActivity', /'Copy1'.*inputs.*0/],
  ['outputs', [text, text], 'UserErrorInvalidCopyActivity', /outputs.*2/],
  ['inputs.0.type', 'Avro', 'UserErrorUnsupportedFormat', /Avro.*Supported: Binary, DelimitedText, Json, Parquet/],
  [
    'inputs.0.linkedService.type',
    'AzureSqlDatabase',
    'UserErrorUnsupportedStore',
    /AzureSqlDatabase.*AzureBlobStorage/,
  ],
  [
    'inputs.0.typeProperties.location.type',
    'AzureBlobFSLocation',
    'UserErrorInvalidProperty',
    /location\.type must be AzureBlobStorageLocation/,
  ],
  [
    'inputs.0.typeProperties.compressionCodec',
    'bzip2',
    'UserErrorInvalidProperty',
    /compressionCodec.*gzip, deflate.*'bzip2'/,
  ],
  ['typeProperties.source.type', 'BlobSource', 'UserErrorInvalidProperty', /source\.type must be DelimitedTextSource/],
  [
    'typeProperties.source.storeSettings.type',
    'FileServerReadSettings',
    'UserErrorInvalidProperty',
    /source\.storeSettings\.type must be AzureBlobStorageReadSettings/,
  ],
  [
    'typeProperties.source.storeSettings.recursive',
    'perhaps',
    'UserErrorInvalidProperty',
    /recursive must be true or false/,
  ],
  [
    'typeProperties.source.storeSettings.deleteFilesAfterCompletion',
    true,
    'UserErrorInvalidProperty',
    /deleteFilesAfterCompletion is only supported for Binary/,
  ],
  [
    'typeProperties.source.additionalColumns',
    [{ name: 'a' }],
    'UserErrorInvalidProperty',
    /additionalColumns\[0\]\.value must be text/,
  ],
  [
    'typeProperties.sink.storeSettings.copyBehavior',
    'Shuffle',
    'UserErrorInvalidProperty',
    /copyBehavior must be one of PreserveHierarchy, FlattenHierarchy, MergeFiles/,
  ],
  [
    'typeProperties.sink.storeSettings.blockSizeInMB',
    101,
    'UserErrorInvalidProperty',
    /blockSizeInMB must be a whole number from 1 to 100/,
  ],
  ['typeProperties.sink.formatSettings.maxRowsPerFile', 0, 'UserErrorInvalidProperty', /maxRowsPerFile/],
  [
    'typeProperties.sink.formatSettings.fileNamePrefix',
    'x',
    'UserErrorInvalidProperty',
    /fileNamePrefix is not supported/,
  ],
  [
    'typeProperties.skipErrorFile',
    { fileMissing: true },
    'UserErrorInvalidProperty',
    /skipErrorFile is only supported/,
  ],
  ['typeProperties.sink.formatSettings.fileExtension', '/../x', 'UserErrorInvalidProperty', /fileExtension/],
  ['typeProperties.enableStaging', true, 'UserErrorInvalidProperty', /stagingSettings\.linkedServiceName must be/],
  ['typeProperties.parallelCopies', 0, 'UserErrorInvalidProperty', /parallelCopies/],
  [
    'typeProperties.translator',
    { type: 'Magic' },
    'UserErrorInvalidProperty',
    /translator\.type must be TabularTranslator/,
  ],
] as const)
  test(`${path} = ${JSON.stringify(value)} is refused by name`, () => {
    assert.throws(() => readPlan(changed(good, path, value)), { errorCode, message: named });
  });

test('bytes are not rows, and a store that cannot be written is no sink', () => {
  assert.throws(() => readPlan(copyJob(binary, text)), {
    errorCode: 'UserErrorInvalidProperty',
    message: /bytes \(Binary\)/,
  });
  const hello = {
    name: 'Hello',
    type: 'Binary',
    typeProperties: { location: { type: 'HelloWorldLocation' } },
    linkedService: { name: 'Hello', type: 'HelloWorld', typeProperties: {} },
  };
  const job = changed(changed(copyJob(binary, binary), 'outputs', [hello]), 'typeProperties.sink', {
    type: 'BinarySink',
  });
  assert.throws(() => readPlan(job), { errorCode: 'UserErrorInvalidProperty', message: /HelloWorld does not support/ });
});

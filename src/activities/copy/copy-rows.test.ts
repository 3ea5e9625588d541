import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { contentOf, copyJob, dataset, fill, linkedService, openStage, runJob } from '../../../test/copy/stage.ts';
import { movies } from '../../cli/demo/movies.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const text = (side: 'source' | 'sink', location: object, more = {}) =>
  dataset('DelimitedText', linkedService(stage[side]), { ...location }, more);

test('a table of a hundred thousand rows with quotes and other alphabets arrives as it was', async () => {
  const bytes = await buffer(movies(100_000));
  await fill(stage.source, 'movies', { 'movies.csv': bytes });
  const settings = { firstRowAsHeader: true, rowDelimiter: '\n' };
  const output = await runJob(
    copyJob(
      text('source', { container: 'movies', fileName: 'movies.csv' }, settings),
      text('sink', { container: 'movies-out', fileName: 'out.csv' }, settings),
    ),
  );
  assert.equal(output.rowsCopied, 100_000);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/json.ts';
import { applyProjection, project, readTranslator } from './translator.ts';

const mappings = (values: JsonObject) =>
  readTranslator({ values: { type: 'TabularTranslator', ...values }, where: 'translator' });
const columns = ['id', 'title', 'year'];
const rows = [['1', 'a', '2001']];
const map = (values: JsonObject) =>
  applyProjection({ columns, rows }, project(columns, mappings(values), undefined, 'in.csv'));

test('columns are taken by name and by place, renamed and put in order', () => {
  assert.deepEqual(
    map({
      mappings: [
        { source: { name: 'year' }, sink: { name: 'Year' } },
        { source: { ordinal: 1 }, sink: { name: 'Id' } },
      ],
    }),
    {
      columns: ['Year', 'Id'],
      rows: [['2001', '1']],
    },
  );
  assert.deepEqual(
    map({
      mappings: [
        { source: { name: 'title' }, sink: { ordinal: 2 } },
        { source: { name: 'id' }, sink: { ordinal: 1 } },
      ],
    }),
    { columns: ['id', 'title'], rows: [['1', 'a']] },
  );
});

test('the older forms mean the same', () => {
  const expected = { columns: ['Year', 'Id'], rows: [['2001', '1']] };
  assert.deepEqual(map({ columnMappings: { year: 'Year', id: 'Id' } }), expected);
  assert.deepEqual(map({ columnMappings: 'year: Year, id: Id' }), expected);
  assert.deepEqual(map({ schemaMapping: { year: 'Year', id: 'Id' } }), expected);
});

test('a column that the file does not have is named, with the file', () => {
  assert.throws(() => map({ columnMappings: { rating: 'r' } }), {
    errorCode: 'MappingColumnNameNotFoundInSourceFile',
    message: /'rating'.*'in\.csv'.*id, title, year/,
  });
  assert.throws(() => map({ mappings: [{ source: { ordinal: 4 }, sink: { name: 'x' } }] }), {
    errorCode: 'MappingColumnNameNotFoundInSourceFile',
  });
});

test('without a mapping the files of a merge meet by name', () => {
  assert.deepEqual(
    applyProjection({ columns: ['b', 'a'], rows: [['2', '1']] }, project(['b', 'a'], undefined, ['a', 'b'], 'x')).rows,
    [['1', '2']],
  );
  assert.throws(() => project(['a'], undefined, ['a', 'b'], 'x'), {
    errorCode: 'MappingColumnNameNotFoundInSourceFile',
  });
  assert.throws(() => project(['a', 'b', 'c'], undefined, ['a', 'b'], 'x'), {
    errorCode: 'DelimitedTextMoreColumnsThanDefined',
  });
});

test('what cannot be a mapping is refused', () => {
  for (const values of [
    { type: 'Other' },
    { mappings: [{ source: {}, sink: { name: 'x' } }] },
    { mappings: 'a' },
    { columnMappings: 'a' },
    { collectionReference: '$' },
  ])
    assert.throws(
      () => mappings(values as JsonObject),
      { errorCode: 'UserErrorInvalidProperty' },
      JSON.stringify(values),
    );
});

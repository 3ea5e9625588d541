import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/json.ts';
import { type ConversionSettings, plainConversion } from '../../connectors/row/convert.ts';
import type { Column } from '../../connectors/row/record-batch.ts';
import { applyProjection, type ProjectionSettings, project } from './projection.ts';
import { readTranslator } from './translator.ts';

const mappings = (values: JsonObject) =>
  readTranslator(
    { values: { type: 'TabularTranslator', ...values }, where: 'translator' },
    { source: false, sink: false },
  ).mappings;
const asText = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'String' }));
const settings = (more: Partial<ProjectionSettings> = {}): ProjectionSettings => ({
  mappings: undefined,
  conversion: plainConversion,
  keeps: (type) => type,
  demands: [],
  ...more,
});
const columns = asText('id', 'title', 'year');
const rows = [['1', 'a', '2001']];
const map = (values: JsonObject) =>
  applyProjection({ columns, rows }, project(columns, settings({ mappings: mappings(values) }), undefined, 'in.csv'));

test('columns are taken by name and by place, renamed and put in order', () => {
  assert.deepEqual(
    map({
      mappings: [
        { source: { name: 'year' }, sink: { name: 'Year' } },
        { source: { ordinal: 1 }, sink: { name: 'Id' } },
      ],
    }),
    {
      columns: asText('Year', 'Id'),
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
    { columns: asText('id', 'title'), rows: [['1', 'a']] },
  );
});

test('the older forms mean the same', () => {
  const expected = { columns: asText('Year', 'Id'), rows: [['2001', '1']] };
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
  const meet = (names: string[], sinkNames: string[]) =>
    project(asText(...names), settings(), asText(...sinkNames), 'x');
  const batch = { columns: asText('b', 'a'), rows: [['2', '1']] };
  assert.deepEqual(applyProjection(batch, meet(['b', 'a'], ['a', 'b'])).rows, [['1', '2']]);
  assert.throws(() => meet(['a'], ['a', 'b']), { errorCode: 'MappingColumnNameNotFoundInSourceFile' });
  assert.throws(() => meet(['a', 'b', 'c'], ['a', 'b']), { errorCode: 'DelimitedTextMoreColumnsThanDefined' });
});

const typed = (values: JsonObject, more: Partial<ProjectionSettings> = {}, conversion?: ConversionSettings) => {
  const given = settings({ mappings: mappings(values), ...(conversion && { conversion }), ...more });
  const source = [
    ['1', 'a', '31.12.1899 23:59'],
    [null, 'b', '01.01.2001 00:00'],
  ];
  return applyProjection({ columns, rows: source }, project(columns, given, undefined, 'in.csv'), 10);
};

test("a column's type is the mapping's, then the sink's, then its own; and the sink keeps it as it can", () => {
  const some = [
    { source: { name: 'id', type: 'Int32' }, sink: { name: 'id', type: 'Int64' } },
    { source: { name: 'year', format: 'dd.MM.yyyy HH:mm' }, sink: { name: 'year', type: 'DateTime' } },
    { source: { name: 'title' }, sink: { name: 'title' } },
  ];
  assert.deepEqual(typed({ mappings: some }), {
    columns: [
      { name: 'id', type: 'Int64' },
      { name: 'year', type: 'DateTime' },
      { name: 'title', type: 'String' },
    ],
    rows: [
      [1n, '1899-12-31T23:59:00.0000000', 'a'],
      [null, '2001-01-01T00:00:00.0000000', 'b'],
    ],
  });
  const plain = { mappings: [{ source: { name: 'id' }, sink: { name: 'n' } }] };
  const demanded = typed(plain, { demands: [{ name: 'n', type: 'Double' }] });
  assert.deepEqual([demanded.columns, demanded.rows], [[{ name: 'n', type: 'Double' }], [[1], [null]]]);
  const kept = typed(plain, { demands: [{ name: 'n', type: 'Int16' }], keeps: () => 'String' });
  assert.deepEqual([kept.columns, kept.rows], [[{ name: 'n', type: 'String' }], [['1'], [null]]]);
});

test('a value that cannot be converted is refused by column, row and types, without the value', () => {
  const wrong = { mappings: [{ source: { name: 'title' }, sink: { name: 'T', type: 'Guid' } }] };
  assert.throws(() => typed(wrong), {
    errorCode: 'TypeConversionFailure',
    message: /column 'title' in row 11 from type 'String' to column 'T' of type 'Guid': it is no GUID/,
  });
  const never = { mappings: [{ source: { name: 'id', type: 'Guid' }, sink: { name: 'T', type: 'DateTime' } }] };
  assert.throws(() => typed(never), {
    errorCode: 'UserErrorUnsupportedTypeConversion',
    message: /'T' is of type Guid.*DateTime/,
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

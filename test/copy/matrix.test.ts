// One awkward table through every kind of place and on to every other: what arrives is what the rules of types promise, to
// the last digit, or it is refused or counted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset } from '../../src/connectors/resolved.ts';
import type { ColumnType } from '../../src/connectors/row/column-type.ts';
import { type Converter, converterOf, plainConversion } from '../../src/connectors/row/convert.ts';
import type { Value } from '../../src/connectors/row/record-batch.ts';
import { type Place, places, readPlace } from './place.ts';
import { fill, openStage, runJob } from './stage.ts';
import { rowJob } from './table.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
before(async () => {
  stage = await openStage();
  await fill(stage.sink, 'matrix', {});
});
after(() => stage.close());

const nul = null;
/** Values as they stand in rows, by column; the first column is a key, so that rows are found again. */
const table: Record<string, { type: ColumnType; values: Value[] }> = {
  key: { type: 'String', values: ['a', 'b', 'c', 'd'] },
  text: { type: 'String', values: ['é "q", \\x\\\r\n\t😀', '', nul, ' \\N NULL '] },
  flag: { type: 'Boolean', values: [true, false, nul, true] },
  byte: { type: 'Byte', values: [255, 0, nul, 1] },
  short: { type: 'Int16', values: [32767, -32768, nul, 0] },
  int: { type: 'Int32', values: [2147483647, -2147483648, nul, 0] },
  long: { type: 'Int64', values: [9223372036854775807n, -9223372036854775808n, nul, 9007199254740993n] },
  single: { type: 'Single', values: [Math.fround(0.1), Math.fround(-3.4e38), nul, Math.fround(1e-45)] },
  double: { type: 'Double', values: [Number.MAX_VALUE, -5e-324, nul, 0.30000000000000004] },
  decimal: {
    type: 'Decimal',
    values: ['12345678901234567890.123456789012345678', '-0.000000000000000001', nul, '99999999999999999999'],
  },
  guid: {
    type: 'Guid',
    values: ['ffffffff-ffff-ffff-ffff-ffffffffffff', '00000000-0000-0000-0000-000000000001', nul, nul],
  },
  at: {
    type: 'DateTime',
    values: ['9999-12-31T23:59:59.9999990', '1850-02-28T23:59:59.0000010', nul, '2024-02-29T00:00:00.0000000'],
  },
  offset: {
    type: 'DateTimeOffset',
    values: ['2024-02-29T12:00:00.1234560+00:00', '1850-01-01T00:00:00.0000000+00:00', nul, nul],
  },
  span: { type: 'TimeSpan', values: ['-10675199.02:48:05.4775808', '23:59:59.9999999', nul, '00:00:00.0000000'] },
  bytes: { type: 'Binary', values: [Buffer.from([0, 255, 10, 13, 34]), Buffer.alloc(0), nul, Buffer.from('text')] },
};
/** One value of a type that some places keep less of. */
const fine: Partial<Record<ColumnType, string>> = {
  DateTime: '2024-02-29T12:00:00.1234567',
  DateTimeOffset: '2024-02-29T12:00:00.1234567+05:30',
  Decimal: '0.12345678901234567890123456789012345678',
};

const names = Object.keys(table);
const typeOf = (name: string) => table[name]!.type;
const mappings = (types: boolean, columns = names) =>
  columns.map((name) => ({
    source: { name, ...(types && { type: typeOf(name) }) },
    sink: { name, ...(types && { type: typeOf(name) }) },
  }));
const translator = (types: boolean, more: JsonObject = {}, columns = names): JsonObject => ({
  translator: { type: 'TabularTranslator', mappings: mappings(types, columns), ...more },
});

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const asText = (type: ColumnType, value: Value) =>
  value === null ? '\\N' : quoted(String((converterOf(type, 'String', plainConversion) ?? String)(value)));

const [text] = places as [Place, ...Place[]];
/** The table as delimited text, which every place is filled from. */
const seed = async (
  name: string,
  columns: Record<string, { type: ColumnType; values: Value[] }>,
): Promise<ResolvedDataset> => {
  const all = Object.values(columns);
  const lines = all[0]!.values.map((_, row) => all.map(({ type, values }) => asText(type, values[row]!)).join(','));
  const given = text.dataset(stage, name, []);
  await fill(stage.sink, 'matrix', {
    [`${name}.DelimitedText`]: [Object.keys(columns).join(','), ...lines].join('\r\n'),
  });
  return given;
};
const move = (from: [Place, ResolvedDataset], to: [Place, ResolvedDataset], more: JsonObject) =>
  runJob(rowJob(from[1], to[1], { source: from[0].source, sink: to[0].sink, more }));

/** What arrived, each value turned into its original type: nothing may be lost on the way there. */
const check = async (place: Place, given: ResolvedDataset, arrives: (type: ColumnType) => ColumnType) => {
  const { columns, rows } = await readPlace(given, place.source);
  const placeOf = (name: string) => columns.findIndex((column) => column.name === name);
  const types = Object.fromEntries(names.map((name) => [name, columns[placeOf(name)]?.type]));
  assert.deepEqual(types, Object.fromEntries(names.map((name) => [name, arrives(typeOf(name))])));
  const sorted = rows.toSorted((one, other) => (String(one[placeOf('key')]) < String(other[placeOf('key')]) ? -1 : 1));
  for (const name of names) {
    const back: Converter = converterOf(types[name]!, typeOf(name), plainConversion) ?? ((value: Value) => value);
    const arrived = sorted.map((row) => back(row[placeOf(name)]!));
    assert.deepEqual(arrived, table[name]!.values, `${name} in ${place.name}`);
  }
};

const keptBy = (place: Place) => (type: ColumnType) => place.keeps[type] ?? type;

for (const [from, first] of places.entries())
  test(`from ${first.name} to every place, with types in the mapping and without`, async () => {
    const at = `m${from}x`;
    const start = first.dataset(stage, at, names);
    await move([text, await seed(`seed${from}`, table)], [first, start], translator(true));
    await check(first, start, keptBy(first));
    for (const [to, second] of places.entries()) {
      const typed = second.dataset(stage, `${at}${to}typed`, names);
      await move([first, start], [second, typed], translator(true));
      await check(second, typed, keptBy(second));
      const plain = second.dataset(stage, `${at}${to}plain`, names);
      await move([first, start], [second, plain], translator(false));
      await check(second, plain, (type) => keptBy(second)(keptBy(first)(type)));
    }
  });

for (const [index, place] of places.entries())
  test(`what is too fine for ${place.name} is refused, or counted where that is allowed`, async () => {
    for (const [type, value] of Object.entries(fine) as [ColumnType, string][]) {
      const columns = { key: { type: 'String' as const, values: ['a'] }, fine: { type, values: [value] } };
      const from = await seed(`fine${index}${type}`, columns);
      const to = place.dataset(stage, `fine${index}${type}`.toLowerCase() + (place === text ? 'x' : ''), [
        'key',
        'fine',
      ]);
      const pairs = Object.entries(columns).map(([name, { type: own }]) => ({
        source: { name, type: own },
        sink: { name, type: own },
      }));
      const asked = (typeConversion: boolean): JsonObject => ({
        translator: { type: 'TabularTranslator', mappings: pairs, typeConversion },
      });
      if (!place.loses.includes(type)) {
        await move([text, from], [place, to], asked(false));
        const { columns: found, rows } = await readPlace(to, place.source);
        const at = found.findIndex(({ name }) => name === 'fine');
        const back = converterOf(found[at]!.type, type, plainConversion) ?? ((each: Value) => each);
        assert.equal(back(rows[0]![at]!), value, type);
        continue;
      }
      await assert.rejects(move([text, from], [place, to], asked(false)), {
        errorCode: 'TypeConversionFailure',
        message: /'fine' in row 1/,
      });
      assert.deepEqual((await move([text, from], [place, to], asked(true))).typeConversion, {
        valuesTruncated: type === 'DateTimeOffset' ? 2 : 1,
      });
    }
  });

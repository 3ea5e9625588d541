// One awkward table through every kind of place and on to every other: what arrives is what the rules of types promise, to
// the last digit, or it is refused or counted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/json.ts';
import { formats } from '../../src/connectors/formats/registry.ts';
import { connectors } from '../../src/connectors/registry.ts';
import type { ResolvedDataset } from '../../src/connectors/resolved.ts';
import type { ColumnType } from '../../src/connectors/row/column-type.ts';
import { converterOf, plainConversion } from '../../src/connectors/row/convert.ts';
import { readDecimal } from '../../src/connectors/row/decimal.ts';
import type { Value } from '../../src/connectors/row/record-batch.ts';
import { type Hazard, hazards, type Outcome } from './hazard.ts';
import { type MatrixStage, openMatrixStage, root } from './matrix-stage.ts';
import { type Place, places, readPlace, text } from './place.ts';
import { dataset, fill, linkedService, runJob } from './stage.ts';
import { rowJob } from './table.ts';

let stage: MatrixStage;
before(async () => {
  stage = await openMatrixStage();
});
after(() => stage.close());

const nul = null;
/** Values as they stand in rows, by column; the first column is a key, so that rows are found again. */
const table: Record<string, { type: ColumnType; values: Value[] }> = {
  key: { type: 'String', values: ['a', 'b', 'c', 'd'] },
  größe_Ω: { type: 'String', values: ['é "q", \\x\\\r\n\t😀', '', nul, ' \\N NULL '] },
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
const names = Object.keys(table);
const typeOf = (name: string) => table[name]!.type;

/** The type that a column has on its way into a place, and the one that is read there. */
const into = (place: Place) => (type: ColumnType) => (place.asText.includes(type) ? 'String' : type);
const keptBy = (place: Place) => (type: ColumnType) => place.keeps[type] ?? type;

type Pair = { name: string; from?: ColumnType; to?: ColumnType };
const translator = (pairs: readonly Pair[], more: JsonObject = {}): JsonObject => ({
  translator: {
    type: 'TabularTranslator',
    mappings: pairs.map(({ name, from, to }) => ({
      source: { name, ...(from && { type: from }) },
      sink: { name, ...(to && { type: to }) },
    })),
    ...more,
  },
});
const typed = (place: Place) =>
  translator(names.map((name) => ({ name, from: typeOf(name), to: into(place)(typeOf(name)) })));

const move = (from: [Place, ResolvedDataset], to: [Place, ResolvedDataset], more: JsonObject) =>
  runJob(rowJob(from[1], to[1], { source: from[0].source, sink: to[0].sink!, more }));

/** A value of a type as its text, such as a file would have it. */
const textOf = (type: ColumnType, value: Value): string =>
  String((converterOf(type, 'String', plainConversion) ?? String)(value));
/** The way back to a type; a decimal in its one form, for databases end it with zeros. */
const fromType = (from: ColumnType, to: ColumnType) => {
  const back = converterOf(from, to, plainConversion) ?? ((each: Value) => each);
  return to === 'Decimal' ? (value: Value) => (value === null ? null : readDecimal(String(back(value)))!) : back;
};

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
/** The table as delimited text, which every place is filled from. */
const seed = async (): Promise<ResolvedDataset> => {
  const columns = Object.values(table);
  const field = (type: ColumnType, value: Value) => (value === null ? '\\N' : quoted(textOf(type, value)));
  const lines = table.key!.values.map((_, row) => columns.map((each) => field(each.type, each.values[row]!)).join(','));
  await fill(stage.sink, root, { 'seed.DelimitedText': [names.join(','), ...lines].join('\r\n') });
  return text.dataset(stage, 'seed', []);
};

/** What arrived, each value turned into its original type: nothing may be lost on the way there. */
const check = async (place: Place, given: ResolvedDataset, arrives: (type: ColumnType) => ColumnType) => {
  const { columns, rows } = await readPlace(given, place.source);
  // A place may have columns of its own beside those of the table.
  const placeOf = (name: string) => columns.findIndex((column) => column.name === name);
  const types = Object.fromEntries(names.map((name) => [name, columns[placeOf(name)]?.type]));
  assert.deepEqual(types, Object.fromEntries(names.map((name) => [name, arrives(typeOf(name))])), place.name);
  const sorted = rows.toSorted((one, other) => (String(one[placeOf('key')]) < String(other[placeOf('key')]) ? -1 : 1));
  for (const name of names) {
    const back = fromType(types[name]!, typeOf(name));
    const arrived = sorted.map((row) => back(row[placeOf(name)]!));
    assert.deepEqual(arrived, table[name]!.values, `${name} in ${place.name}`);
  }
};

const sinks = places.filter(({ sink }) => sink !== undefined);

for (const [from, first] of places.entries())
  test(`from ${first.name} to every place`, async () => {
    const writer = first.writtenAs ?? first;
    const start = await writer.dataset(stage, `m${from}x`, names);
    await move([text, await seed()], [writer, start], typed(writer));
    const source = first === writer ? start : await first.dataset(stage, `m${from}x`, names);
    const arrived = (type: ColumnType) => keptBy(first)(into(first)(type));
    await check(first, source, arrived);
    const each = async (second: Place, to: number) => {
      const sink = await second.dataset(stage, `m${from}x${to}`, names);
      await move([first, source], [second, sink], typed(second));
      await check(second, sink, (type) => keptBy(second)(into(second)(type)));
    };
    await Promise.all(sinks.map(each));
    // Where a mapping names no types, columns go on as they are read here.
    const next = sinks[(from + 1) % sinks.length]!;
    const plain = await next.dataset(stage, `m${from}plain`, names);
    const go = () => move([first, source], [next, plain], translator(names.map((name) => ({ name }))));
    if (names.some((name) => next.asText.includes(arrived(typeOf(name)))))
      await assert.rejects(go(), { errorCode: 'TypeConversionFailure' });
    else {
      await go();
      await check(next, plain, (type) => keptBy(next)(arrived(type)));
    }
  });

/** The hazards as one row of JSON, which has a text for each of them. */
const seedHazards = async (): Promise<ResolvedDataset> => {
  const values = Object.entries(hazards).map(([name, { type, value }]) => [name, textOf(type, value)]);
  await fill(stage.sink, root, { 'hazards.json': JSON.stringify({ key: 'a', ...Object.fromEntries(values) }) });
  return dataset('Json', linkedService(stage.sink), { container: root, fileName: 'hazards.json' });
};
const json = places[1]!;
const key: Pair = { name: 'key', from: 'String', to: 'String' };
const pairOf = (name: Hazard): Pair => ({ name, from: hazards[name].type, to: hazards[name].type });

for (const [at, place] of sinks.entries()) {
  const { hazards: expected } = place;
  if (!expected) continue;
  test(`each hazard arrives in ${place.name}, or is refused, or counted where that is allowed`, async () => {
    const from: [Place, ResolvedDataset] = [json, await seedHazards()];
    const all = Object.keys(hazards) as Hazard[];
    const arriving = all.filter((name) => expected[name] === undefined);
    const to = await place.dataset(stage, `h${at}x`, ['key', ...arriving]);
    await move(from, [place, to], translator([key, ...arriving.map(pairOf)]));
    const { columns, rows } = await readPlace(to, place.source);
    for (const name of arriving) {
      const column = columns.findIndex((each) => each.name === name);
      const back = fromType(columns[column]!.type, hazards[name].type);
      assert.deepEqual(back(rows[0]![column]!), hazards[name].value, `${name} in ${place.name}`);
    }
    for (const [name, outcome] of Object.entries(expected) as [Hazard, Outcome][]) {
      const sink = await place.dataset(stage, `h${at}${name}`, ['key', name]);
      const go = (typeConversion: boolean) =>
        move(from, [place, sink], translator([key, pairOf(name)], { typeConversion }));
      const refusal =
        outcome === 'beyond the sandbox'
          ? { errorCode: 'SqlOperationFailed', message: /not supported by Postern's sandbox/ }
          : { errorCode: 'TypeConversionFailure', message: new RegExp(`'${name}' in row 1\\b`) };
      await assert.rejects(go(false), refusal, `${name} in ${place.name}`);
      if (outcome === 'beyond the sandbox') continue;
      if (outcome === 'refused') await assert.rejects(go(true), refusal, `${name} in ${place.name}`);
      else assert.deepEqual((await go(true)).typeConversion, { valuesTruncated: 1 }, `${name} in ${place.name}`);
    }
  });
}

test('with the digits of the mapping, 38 of them arrive where a decimal has a limit', async () => {
  const from: [Place, ResolvedDataset] = [json, await seedHazards()];
  for (const [name, scale] of [
    ['wholeDigits', 0],
    ['fractionDigits', 38],
  ] as const)
    for (const [at, place] of sinks.entries()) {
      if (place.hazards?.[name] === undefined || place.asText.includes('Decimal')) continue;
      const to = await place.dataset(stage, `d${at}${name}`, ['key', name]);
      const column = { name, type: 'Decimal', precision: 38, scale };
      const mappings = [
        { source: key, sink: key },
        { source: { name }, sink: column },
      ];
      await move(from, [place, to], { translator: { type: 'TabularTranslator', mappings } });
      const { columns, rows } = await readPlace(to, place.source);
      const arrived = rows[0]![columns.findIndex((each) => each.name === name)];
      assert.equal(arrived, hazards[name].value, `${name} in ${place.name}`);
    }
});

test('every store and format that there is has its place in the matrix', async () => {
  const inMatrix = await Promise.all(places.map((place, at) => place.dataset(stage, `t${at}x`, [])));
  const stores = connectors.filter(({ type, files, tables }) => (files ?? tables) && type !== 'HelloWorld');
  assert.deepEqual(new Set(inMatrix.map((each) => each.linkedService.type)), new Set(stores.map(({ type }) => type)));
  const rows = new Set([...formats.map(({ type }) => type), ...stores.flatMap(({ tables }) => tables?.dataset ?? [])]);
  assert.deepEqual(new Set(inMatrix.map(({ type }) => type)), rows);
});

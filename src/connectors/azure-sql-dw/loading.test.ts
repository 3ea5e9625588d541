import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/json.ts';
import { readLoading } from './loading.ts';

const read = (values: JsonObject) => readLoading({ values: { type: 'SqlDWSink', ...values }, where: 'sink' });
const byCopy = (additionalOptions: JsonObject) =>
  read({ allowCopyCommand: true, copyCommandSettings: { additionalOptions } });
const byPolyBase = (polyBaseSettings: JsonObject) => read({ allowPolyBase: 'True', polyBaseSettings });
const refuses = (work: () => unknown, message: RegExp) =>
  assert.throws(work, { errorCode: 'UserErrorInvalidProperty', message });

test('one way of loading or the other; settings of a way that is not chosen are not looked at', () => {
  refuses(() => read({ allowCopyCommand: true, allowPolyBase: true }), /^sink\.allowPolyBase and allowCopyCommand/);
  const none = read({
    allowPolyBase: false,
    polyBaseSettings: { rejectType: 'nothing' },
    copyCommandSettings: { additionalOptions: { ERRORFILE: '/x' } },
  });
  assert.deepEqual([none.rejects, none.defaults, none.usesTypeDefaults], [undefined, [], false]);
  assert.deepEqual(none.facts, { sqlDwPolyBase: false, sqlDwCopyMethod: 'BulkInsert' });
  assert.equal(read({ writeBehavior: 'upsert' }).facts.sqlDwCopyMethod, 'Upsert');
});

test('of the options of COPY, MAXERRORS counts, some may say what happens anyway, and the others are refused by name', () => {
  const options = { MaxErrors: '1000', DATEFORMAT: "'ymd'", identity_insert: "'OFF'", AUTO_CREATE_TABLE: 'off' };
  assert.deepEqual(byCopy(options).rejects, {
    code: 'UserErrorSqlDWCopyCommandError',
    name: 'MAXERRORS',
    most: 1000,
    sample: undefined,
  });
  assert.equal(byCopy({ MAXERRORS: 7 }).rejects?.most, 7);
  for (const value of ['-1', '1.5', 'many', '2147483648', '', { type: 'Expression' }, null])
    refuses(() => byCopy({ MAXERRORS: value }), /additionalOptions\.MAXERRORS must be/);
  assert.deepEqual([byCopy(options).dateOrder, byCopy({ dateformat: 'DMY' }).dateOrder], ['ymd', 'dmy']);
  for (const value of ["'yyy'", 'ydm', '', 'dd/MM/yyyy'])
    refuses(() => byCopy({ DATEFORMAT: value }), /DATEFORMAT must be one of/);
  refuses(() => byCopy({ IDENTITY_INSERT: "'ON'" }), /IDENTITY_INSERT is only supported as OFF/);
  refuses(() => byCopy({ AUTO_CREATE_TABLE: 'ON' }), /AUTO_CREATE_TABLE .*tableOption autoCreate/);
  for (const name of [
    'FIELDTERMINATOR',
    'fieldquote',
    'ROWTERMINATOR',
    'FIRSTROW',
    'ENCODING',
    'COMPRESSION',
    'FILE_TYPE',
  ])
    refuses(() => byCopy({ [name]: "'|'" }), new RegExp(`${name} is not supported: the source's dataset`));
  for (const name of ['CREDENTIAL', 'ERRORFILE', 'ErrorFile_Credential'])
    refuses(() => byCopy({ [name]: 'x' }), new RegExp(`${name} is not supported: the pool reaches no store`));
  refuses(() => byCopy({ 'MAXERRORS = 1, ERRORFILE': '1' }), /is no option of COPY that is known/);
});

test('default values are of one kind each, of columns that differ', () => {
  const of = (...defaultValues: JsonObject[]) =>
    read({ allowCopyCommand: true, copyCommandSettings: { defaultValues } });
  const { defaults } = of({ columnName: 'a', defaultValue: 1.5 }, { columnName: 'b', defaultValue: true });
  assert.deepEqual(
    defaults.map(({ column, value }) => [column, value]),
    [
      ['a', '1.5'],
      ['b', 'true'],
    ],
  );
  refuses(() => of({ defaultValue: 'x' }), /defaultValues\[0\]\.columnName must name/);
  for (const defaultValue of [null, {}, []] as const)
    refuses(
      () => of({ columnName: 'a', defaultValue: defaultValue as null }),
      /defaultValues\[0\]\.defaultValue must be/,
    );
  const twice = [
    { columnName: 'a', defaultValue: 1 },
    { columnName: 'A', defaultValue: 2 },
  ] as const;
  refuses(() => of(...twice), /defaultValues\[1\]\.columnName has a default value already/);
});

test('PolyBase may reject a number or a percentage of rows, the latter with a sample', () => {
  const settings = { rejectType: 'Percentage', rejectValue: 10.5, rejectSampleValue: '100', useTypeDefault: true };
  const { rejects, usesTypeDefaults } = byPolyBase(settings);
  assert.deepEqual(rejects, { code: 'FailedDbOperation', name: 'rejectValue', most: 10.5, sample: 100 });
  assert.equal(usesTypeDefaults, true);
  assert.equal(byPolyBase({ rejectValue: 3 }).rejects?.most, 3);
  assert.equal(byPolyBase({ rejectType: 'value', rejectSampleValue: 5 }).rejects, undefined);
  refuses(() => byPolyBase({ rejectType: 'percentage', rejectValue: 1 }), /rejectSampleValue must be given/);
  refuses(
    () => byPolyBase({ rejectType: 'percentage', rejectValue: 1, rejectSampleValue: 0 }),
    /rejectSampleValue must/,
  );
  for (const rejectValue of [-1, 100.1, 'x', '1e1', Number.NaN])
    refuses(() => byPolyBase({ rejectType: 'percentage', rejectValue, rejectSampleValue: 1 }), /rejectValue must be/);
  for (const rejectValue of [1.5, -1, 2_147_483_648]) refuses(() => byPolyBase({ rejectValue }), /rejectValue must be/);
  refuses(() => byPolyBase({ rejectType: 'rows' }), /rejectType must be one of value, percentage/);
});

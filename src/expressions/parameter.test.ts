import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindParameters, ParameterError, secureParameters } from './parameter.ts';

const declared = {
  folder: { type: 'String' },
  count: { type: 'int', defaultValue: 5 },
  share: { type: 'Float', defaultValue: 0.5 },
  deep: { type: 'Bool', defaultValue: false },
  names: { type: 'Array', defaultValue: [] },
  extra: { type: 'Object', defaultValue: {} },
  key: { type: 'SecureString', defaultValue: 'k' },
};
const bind = (given: Parameters<typeof bindParameters>[1]) => bindParameters(declared, given, 'pipeline films');
const refuses = (parameter: string, message: RegExp) => (error: unknown) =>
  error instanceof ParameterError && error.parameter === parameter && message.test(error.message);

test('given values replace defaults', () => {
  assert.deepEqual(bind({ folder: 'in', count: 7, names: ['a'] }), {
    folder: 'in',
    count: 7,
    share: 0.5,
    deep: false,
    names: ['a'],
    extra: {},
    key: 'k',
  });
});

test('numbers and booleans may come as text', () => {
  const bound = bind({ folder: '1', count: '7', share: '1e3', deep: 'TRUE' });
  assert.deepEqual([bound.folder, bound.count, bound.share, bound.deep], ['1', 7, 1000, true]);
});

test('a secure value may come as an object', () => {
  assert.equal(bind({ folder: 'in', key: { type: 'SecureString', value: 's' } }).key, 's');
  assert.deepEqual(secureParameters(declared), ['key']);
});

test('missing, unknown and wrongly typed values are refused by name', () => {
  assert.throws(() => bind({}), refuses('folder', /pipeline films needs a value/));
  assert.throws(() => bind({ folder: 'a', fodler: 'b' }), refuses('fodler', /does not declare.*folder, count/));
  assert.throws(() => bind({ folder: 1 }), refuses('folder', /declared as String/));
  assert.throws(() => bind({ folder: 'a', count: 1.5 }), refuses('count', /declared as int/));
  assert.throws(() => bind({ folder: 'a', names: {} }), refuses('names', /declared as Array/));
  assert.throws(() => bind(JSON.parse('{"folder":"a","__proto__":"x"}')), refuses('__proto__', /does not declare/));
  assert.throws(() => bindParameters({ x: { type: 'Date' } }, { x: 'y' }, 'dataset d'), refuses('x', /Known types/));
});

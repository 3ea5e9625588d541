import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../base/json.ts';
import { ExpressionError, evaluate, literal, namesValue, type Scope } from './evaluate.ts';

const scope: Scope = {
  pipeline: {
    parameters: { name: 'films', count: 3, on: true, rows: [1, 2], odd: { a: '@b' } },
    system: { RunId: 'r-1', Pipeline: 'p' },
  },
  dataset: { file: 'a.csv' },
};

const cases: [title: string, from: Json, to: Json][] = [
  ['text stays', 'plain', 'plain'],
  ['an address stays', 'ada@example.org', 'ada@example.org'],
  ['a parameter keeps its type', '@pipeline().parameters.count', 3],
  ['an array stays an array', '@pipeline().parameters.rows', [1, 2]],
  ['functions are found in any case', '@Pipeline( ).Parameters.name', 'films'],
  ['inside text it is text', 'in/@{pipeline().parameters.name}/@{pipeline().parameters.count}', 'in/films/3'],
  ['a boolean in text is capitalised', '@{pipeline().parameters.on}', 'True'],
  ['an object in text is JSON', '@{pipeline().parameters.odd}', '{"a":"@b"}'],
  ['a system variable', '@pipeline().RunId', 'r-1'],
  ['a dataset parameter', { fileName: { value: '@dataset().file', type: 'Expression' } }, { fileName: 'a.csv' }],
  ['an expression object without @ is its text', { value: 'x', type: 'Expression' }, 'x'],
  ['@@ stands for @', '@@pipeline().parameters.name', '@pipeline().parameters.name'],
  ['@@{ stands for @{', 'a @@{b} @{pipeline().parameters.name}', 'a @{b} films'],
  ['deep inside', [{ a: [{ b: '@dataset().file' }] }], [{ a: [{ b: 'a.csv' }] }]],
  ['values are not evaluated again', '@pipeline().parameters.odd', { a: '@b' }],
];
for (const [title, from, to] of cases) test(`evaluate: ${title}`, () => assert.deepEqual(evaluate(from, scope), to));

const refused: [expression: string, message: RegExp][] = [
  ['@concat(1, 2)', /@concat\(1, 2\) is not supported/],
  ["@activity('Copy').output.rowsCopied", /is not supported/],
  ['@pipeline().parameters.missing', /pipeline parameter missing/],
  ['@pipeline().parameters.__proto__', /not declared/],
  ['@pipeline().nothing', /a pipeline does not have/],
  ['@linkedService().x', /not known here/],
  ['a @{pipeline().parameters.name', /no closing brace/],
  ['@', /is not supported/],
];
for (const [expression, message] of refused)
  test(`evaluate refuses ${expression}`, () =>
    assert.throws(
      () => evaluate({ a: [expression] }, scope),
      (error) => error instanceof ExpressionError && error.path === 'a[0]' && message.test(error.message),
    ));

test('a value without @ is left exactly as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes('@') && !text.includes('"Expression"') && !text.includes('__proto__'));
      // As it came over the wire: a zero has no sign there.
      assert.deepEqual(evaluate(JSON.parse(text) as Json, {}), JSON.parse(text));
    }),
  );
});

test('any text, written as a literal, comes back', () => {
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom('@', '{', '}', 'a', '@{', '@@')).map((parts) => parts.join('')),
  );
  fc.assert(fc.property(text, (written) => assert.equal(evaluate(literal(written), {}), written)));
});

test('only text that calls a known function names a value', () => {
  const named = ['@pipeline().parameters.x', 'a@{linkedService().key}'];
  const plain = ['@home', 'a@b', '@{x', 'p@{ss}', '', '@concat(1)'];
  assert.deepEqual([...named, ...plain].filter(namesValue), named);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../base/json.ts';
import type { CosmosError } from '../cosmos-error.ts';
import { openQuery } from './query.ts';
import type { Value } from './value.ts';

const films: Json[] = [
  { id: '1', title: 'Ran', year: 1985, tags: ['war', 'drama'], cast: [{ name: 'Nakadai', age: 53 }], rating: 8.2 },
  { id: '2', title: 'Ikiru', year: 1952, tags: ['drama'], cast: [], rating: null },
  { id: '3', title: 'High and Low', year: 1963, tags: ['crime', 'drama'], cast: [{ name: 'Mifune', age: 43 }] },
  { id: '4', title: 'Dreams', year: '1990', tags: [], studio: { name: 'Akira', 'its town': 'Tokyo' } },
];

const answer = (query: string, parameters: Json[] = [], items: Json[] = films): Value[] => {
  const opened = openQuery({ query, parameters }, { spend: () => {}, hold: () => {} });
  const found: Value[] = [];
  for (const item of items) {
    found.push(...opened.take(item));
    if (opened.isFull()) break;
  }
  return [...found, ...opened.finish()];
};
const ids = (where: string, parameters?: Json[]) =>
  answer(`SELECT VALUE c.id FROM c WHERE ${where}`, parameters).join('');
const value = (expression: string): Value => answer(`SELECT VALUE ${expression}`)[0];

test('columns: all, a value, a list with names of their own or none, what is not there left out', () => {
  assert.deepEqual(answer('SELECT * FROM c'), films);
  assert.deepEqual(answer('select value f.title from Films f where f.id = "1"'), ['Ran']);
  assert.deepEqual(
    answer("SELECT c.id, c.studio['its town'], c.year + 1 AS next, 7, c.nothing FROM c WHERE c.id = '4'"),
    [{ id: '4', 'its town': 'Tokyo', $1: 7 }],
  );
  assert.deepEqual(answer("SELECT VALUE {t: c.title, n: c.nothing, l: [c.id, 'x']} FROM c WHERE c.id = '2'"), [
    { t: 'Ikiru', l: ['2', 'x'] },
  ]);
  assert.deepEqual(answer('SELECT VALUE c.rating FROM c'), [8.2, null]);
  assert.deepEqual(answer('SELECT c FROM c')[0], { c: films[0] });
  assert.deepEqual(answer("SELECT /* the id */ VALUE c.id -- only\nFROM c WHERE c.id = '1'"), ['1']);
});

test('conditions have three values: what is undefined is neither true nor false', () => {
  assert.equal(ids('c.year > 1960'), '13');
  assert.equal(ids('NOT (c.year > 1960)'), '2');
  assert.equal(ids("c.year = '1990' OR c.rating > 8"), '14');
  assert.equal(ids('c.rating = null'), '2');
  assert.equal(ids('c.rating != null'), '1');
  assert.equal(ids('NOT IS_DEFINED(c.rating)'), '34');
  assert.equal(ids('IS_NULL(c.rating) OR IS_OBJECT(c.studio)'), '24');
  assert.equal(ids("c.id IN ('1', '3', 9)"), '13');
  assert.equal(ids("c.id NOT IN ('1', '3')"), '24');
  assert.equal(ids('c.year BETWEEN 1952 AND 1963 AND c.id != "3"'), '2');
  assert.equal(ids("c.title LIKE '%a_' AND NOT c.title LIKE 'x%'"), '1');
  assert.equal(ids("c.title LIKE 'D[a-r]eam!s' ESCAPE '!' OR c.title NOT LIKE '%'"), '4');
  assert.equal(ids('ARRAY_CONTAINS(c.tags, "war")'), '1');
  assert.equal(ids('ARRAY_CONTAINS(c.cast, {name: "Mifune"}, true)'), '3');
  assert.equal(ids('c.id = @id', [{ name: '@id', value: '2' }]), '2');
  assert.equal(ids('ARRAY_CONTAINS(@ids, c.id)', [{ name: '@ids', value: ['2', '4'] }]), '24');
  assert.equal(ids('c.studio = {"its town": "Tokyo", name: "Akira"}'), '4');
  assert.equal(ids('(c.year ?? 0) > 1980 ? true : false'), '1');
});

test('arrays are joined, and looked into by queries inside', () => {
  assert.deepEqual(answer("SELECT c.id, t AS tag FROM c JOIN t IN c.tags WHERE t != 'drama'"), [
    { id: '1', tag: 'war' },
    { id: '3', tag: 'crime' },
  ]);
  assert.deepEqual(answer('SELECT VALUE p.name FROM p IN c.cast'), ['Nakadai', 'Mifune']);
  assert.deepEqual(answer('SELECT VALUE s.name FROM c.studio s'), ['Akira']);
  assert.equal(ids('EXISTS(SELECT VALUE p FROM p IN c.cast WHERE p.age > 50)'), '1');
  assert.deepEqual(answer("SELECT VALUE ARRAY(SELECT VALUE UPPER(t) FROM t IN c.tags) FROM c WHERE c.id = '3'"), [
    ['CRIME', 'DRAMA'],
  ]);
  assert.deepEqual(answer('SELECT VALUE (SELECT VALUE COUNT(1) FROM t IN c.tags) FROM c'), [2, 1, 2, 0]);
  assert.deepEqual(answer("SELECT c.id, w FROM c JOIN (SELECT VALUE t FROM t IN c.tags WHERE t = 'war') AS w"), [
    { id: '1', w: 'war' },
  ]);
});

test('order goes by kind first; groups, aggregates, distinct and limits count as in Azure', () => {
  assert.deepEqual(answer('SELECT VALUE c.id FROM c ORDER BY c.year DESC'), ['4', '1', '3', '2']);
  assert.deepEqual(answer('SELECT VALUE c.id FROM c ORDER BY c.rating, c.id DESC'), ['4', '3', '2', '1']);
  assert.deepEqual(answer('SELECT VALUE COUNT(1) FROM c'), [4]);
  assert.deepEqual(answer('SELECT COUNT(c.rating) AS n, MAX(c.year) AS m, AVG(c.nothing) AS a FROM c'), [
    { n: 2, m: '1990' },
  ]);
  assert.deepEqual(answer('SELECT VALUE SUM(c.year) FROM c'), []);
  assert.deepEqual(answer('SELECT VALUE SUM(c.year) FROM c WHERE IS_NUMBER(c.year)'), [1985 + 1952 + 1963]);
  assert.deepEqual(answer('SELECT VALUE COUNT(1) FROM c WHERE false'), [0]);
  assert.deepEqual(answer('SELECT t, COUNT(1) AS n FROM c JOIN t IN c.tags GROUP BY t'), [
    { t: 'war', n: 1 },
    { t: 'drama', n: 3 },
    { t: 'crime', n: 1 },
  ]);
  assert.deepEqual(answer('SELECT DISTINCT VALUE t FROM c JOIN t IN c.tags'), ['war', 'drama', 'crime']);
  assert.deepEqual(answer('SELECT TOP 2 VALUE c.id FROM c ORDER BY c.title'), ['4', '3']);
  assert.deepEqual(answer('SELECT VALUE c.id FROM c OFFSET 1 LIMIT @n', [{ name: '@n', value: 2 }]), ['2', '3']);
  assert.deepEqual(answer('SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 3 LIMIT 9'), ['4']);
});

test('functions give what Azure says, and undefined for values of the wrong kind', () => {
  for (const [expression, expected] of [
    ["CONCAT('a', 'b', 'c') || 'd'", 'abcd'],
    ["CONTAINS('Abc', 'BC')", false],
    ["CONTAINS('Abc', 'BC', true)", true],
    ["STARTSWITH('Abc', 'A') AND ENDSWITH('Abc', 'c')", true],
    ["SUBSTRING('abcdef', 1, 2)", 'bc'],
    ["LEFT('abc', 2) || RIGHT('abc', 1)", 'abc'],
    ["INDEX_OF('abc', 'c')", 2],
    ["REPLACE('a.b.c', '.', '--')", 'a--b--c'],
    ["LENGTH('abc') + 1", 4],
    ["UPPER(TRIM(' a '))", 'A'],
    ["STRINGTONUMBER('1e3')", 1000],
    ['TOSTRING({a: 1})', '{"a":1}'],
    ['ROUND(-2.5)', -3],
    ['POWER(2, 10) % 1000', 24],
    ['1 / 0', undefined],
    ["1 + '1'", undefined],
    ['LOWER(5)', undefined],
    ['ABS(-1.5)', 1.5],
    ['-(2 + 3) * 4', -20],
    ['1 < 2 AND 3 >= 3 AND NOT (1 > 2)', true],
    ['5 & 3 | 8 ^ 1', 9],
    ['ARRAY_LENGTH(ARRAY_CONCAT([1], [2, 3]))', 3],
    ['ARRAY_SLICE([1, 2, 3, 4], 1, 2)', [2, 3]],
    ['ARRAY_CONTAINS_ALL([1, 2, 3], 1, 3)', true],
    ['SETUNION([1, 2], [2, 3])', [1, 2, 3]],
    ['[1, undefined, 2]', [1, 2]],
    ["DATETIMEPART('year', '2026-01-02T03:04:05Z')", 2026],
    ["DATETIMETOTIMESTAMP('1970-01-01T00:00:01.0000000Z')", 1000],
    ['TIMESTAMPTODATETIME(1000)', '1970-01-01T00:00:01.0000000Z'],
    ["'it\\'s \\u00e9'", "it's é"],
    ['{"__proto__": 1}.__proto__', 1],
    ['{a: 1}["constructor"]', undefined],
    ['IS_INTEGER(1.5) ? 1 : 2', 2],
  ] as const)
    assert.deepEqual(value(expression), expected, expression);
});

test('what is not understood is a 400 that names it', () => {
  for (const [query, words] of [
    ['', /SELECT/],
    ['SELECT', /ends where an expression/],
    ['SELEC * FROM c', /near 'SELEC'/],
    ['SELECT * FROM c WHERE', /ends where/],
    ['SELECT * FROM c WHERE c.a ==', /near '='/],
    ['SELECT * FROM c LIMIT 1', /near 'LIMIT'/],
    ['SELECT * FROM c; DROP TABLE item', /near ';/],
    ["SELECT * FROM c WHERE c.a = 'open", /near ''open/],
    ['SELECT * FROM c JOIN t IN c.tags', /single input set/],
    ['SELECT VALUE x.id FROM c', /Identifier 'x'/],
    ['SELECT VALUE c.id FROM c WHERE c.id = @x', /parameter @x/],
    ['SELECT VALUE udf.f(c) FROM c', /udf/],
    ['SELECT VALUE REGEXMATCH(c.id, "a") FROM c', /'REGEXMATCH'/],
    ['SELECT VALUE ABS(1, 2) FROM c', /ABS takes 1/],
    ['SELECT c.year, COUNT(1) FROM c', /GROUP BY/],
    ['SELECT c.title FROM c GROUP BY c.year', /GROUP BY/],
    ['SELECT c.year FROM c GROUP BY c.year ORDER BY c.year', /ORDER BY/],
    ['SELECT * FROM c WHERE COUNT(1) > 1', /WHERE/],
    ['SELECT TOP -1 * FROM c', /TOP|number/],
    ['SELECT TOP 1.5 * FROM c', /TOP/],
    ['SELECT TOP 1 * FROM c OFFSET 0 LIMIT 1', /OFFSET/],
    ['SELECT c.id FROM c JOIN c IN c.tags', /alias 'c'/],
    [`SELECT VALUE ${'('.repeat(5000)}1${')'.repeat(5000)}`, /nested/],
    [`SELECT VALUE ${'- '.repeat(5000)}1`, /nested/],
    [`SELECT VALUE 1${' + 1'.repeat(5000)}`, /chain/],
    [`SELECT VALUE c${'.a'.repeat(5000)} FROM c`, /chain/],
    [`SELECT ${'c.a, '.repeat(60_000)} 1 FROM c`, /256 KB/],
    ['SELECT 1e999', /1e999/],
    ['SELECT 1 /* and so on', /'\*\/'/],
    [`SELECT ${'/*'.repeat(100_000)}`, /'\*\/'/],
    [`SELECT ${'1'.repeat(200_000)}a`, /near '1/],
    ["SELECT VALUE REPLICATE('ab', 1000000)", /REPLICATE/],
  ] as const)
    assert.throws(
      () => answer(query),
      (error: CosmosError) => {
        assert.equal(error.status, 400, query.slice(0, 100));
        assert.match(error.message, words, query.slice(0, 100));
        return true;
      },
      query.slice(0, 100),
    );
});

test('no query makes much out of little', () => {
  const doubled = (levels: number): string =>
    levels === 0 ? "(SELECT VALUE 'x')" : `(SELECT VALUE [d, d] FROM ${doubled(levels - 1)} AS d)`;
  assert.throws(() => answer(`SELECT VALUE e FROM ${doubled(60)} AS e`), { status: 400, message: /larger than 8 MB/ });
  const replaced = (levels: number): string =>
    levels === 0 ? "REPLICATE('a', 9999)" : `REPLACE(${replaced(levels - 1)}, 'a', 'aaaaaaaaaa')`;
  assert.throws(() => answer(`SELECT VALUE ${replaced(20)}`), { status: 400, message: /2 MB/ });
  // A pattern that goes back over and over would not end here.
  assert.equal(answer(`SELECT VALUE '${'a'.repeat(20_000)}' LIKE '${'%a'.repeat(50)}b'`)[0], false);
});

test('LIKE of a long pattern and a long text is work that a budget counts', () => {
  let spent = 0;
  const spend = () => {
    spent += 1;
  };
  const query = `SELECT VALUE '${'a'.repeat(2000)}' LIKE '%${'a'.repeat(1000)}b'`;
  assert.deepEqual(openQuery({ query }, { spend, hold: () => {} }).finish(), [false]);
  assert.ok(spent > 50, `${spent}`);
});

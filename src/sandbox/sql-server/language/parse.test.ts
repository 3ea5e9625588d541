import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SqlError } from '../sql-error.ts';
import { lex } from './lexeme.ts';
import { parseBatch } from './parse-statement.ts';

const words =
  "SELECT FROM WHERE AND OR NOT NULL IN LIKE BETWEEN EXISTS CASE WHEN THEN ELSE END BEGIN COMMIT TRAN TRY CATCH IF WHILE DECLARE SET @x = + - * / ( ) , . ; 1 2.5 'a' N'b' [c] \"d\" 0xAB AS JOIN ON LEFT GROUP ORDER BY TOP CREATE TABLE int PRIMARY KEY INSERT INTO VALUES UPDATE DELETE MERGE USING MATCHED EXEC PROCEDURE WITH UNION ALL OVER PARTITION CAST CONVERT OUTPUT dbo #t RETURN PRINT /* */ --".split(
    ' ',
  );

const parsed = (text: string): true => {
  try {
    parseBatch(text);
  } catch (error) {
    assert.ok(error instanceof SqlError, String(error));
  }
  return true;
};

test('whatever is written, it is a batch or a mistake with a number', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (soup) => parsed(soup.join(' '))),
    {
      numRuns: 2000,
    },
  );
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), parsed), { numRuns: 1000 });
});

test('words keep their places, and names their quotes', () => {
  const text = 'SELECT [a]]b], N\'it\'\'s\', @X /* /* in */ out */ -- end\n, 0xFF, "c""d", 1.5e3';
  const found = lex(text);
  assert.deepEqual(
    found.map(({ kind, text: value }) => [kind, value]),
    [
      ['name', 'SELECT'],
      ['quoted', 'a]b'],
      ['symbol', ','],
      ['string', "it's"],
      ['symbol', ','],
      ['variable', '@x'],
      ['symbol', ','],
      ['binary', 'FF'],
      ['symbol', ','],
      ['quoted', 'c"d'],
      ['symbol', ','],
      ['number', '1.5e3'],
      ['end', ''],
    ],
  );
  for (const { kind, start, end, text: value } of found)
    if (kind === 'name' || kind === 'number') assert.equal(text.slice(start, end), value);
  assert.equal(found.at(-1)!.line, 2);
});

test('what has no end is refused at once, however long it is', () => {
  const numberOf = (text: string): number => {
    try {
      parseBatch(text);
    } catch (error) {
      return error instanceof SqlError ? error.number : -1;
    }
    return 0;
  };
  assert.equal(numberOf("SELECT 'never"), 105);
  assert.equal(numberOf('SELECT [never'), 105);
  assert.equal(numberOf('/* never'), 113);
  assert.equal(numberOf(`${'/*'.repeat(500_000)} */`), 113);
  assert.equal(numberOf(`SELECT ${'('.repeat(100_000)}1`), 191);
  assert.equal(numberOf(`SELECT ${'NOT '.repeat(100_000)}1`), 191);
  assert.equal(numberOf(`SELECT ${'- '.repeat(100_000)}1`), 191);
  assert.equal(numberOf('SELECT 1;'.repeat(300_000)), 191);
});

// A place in a batch, for the parsers.
import { SqlError, syntaxError } from '../sql-error.ts';
import { type Lexeme, lex } from './lexeme.ts';
import type { ObjectName } from './syntax.ts';

const deepest = 200;

/** Words that are never a name without brackets. */
const reserved = new Set(
  (
    'ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BEGIN BETWEEN BREAK BY CASE CHECK CLOSE COALESCE COLLATE COLUMN COMMIT CONSTRAINT ' +
    'CONTINUE CONVERT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIMESTAMP CURRENT_USER CURSOR DECLARE DEFAULT DELETE DESC DISTINCT ' +
    'DROP ELSE END ESCAPE EXCEPT EXEC EXECUTE EXISTS FETCH FOR FOREIGN FROM FULL FUNCTION GOTO GRANT GROUP HAVING HOLDLOCK IDENTITY ' +
    'IF IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY LEFT LIKE MERGE NOT NULL NULLIF OF OFF ON OPEN OPTION OR ORDER OUTER OVER ' +
    'PERCENT PIVOT PRIMARY PRINT PROC PROCEDURE RAISERROR REFERENCES RETURN RIGHT ROLLBACK SAVE SCHEMA SELECT SET SOME TABLE ' +
    'TABLESAMPLE THEN TO TOP TRAN TRANSACTION TRIGGER TRUNCATE TRY_CONVERT UNION UNIQUE UNPIVOT UPDATE USE USER VALUES VIEW ' +
    'WAITFOR WHEN WHERE WHILE WITH'
  ).split(' '),
);

/** Reads lexemes one after the other. */
export class Cursor {
  readonly text: string;
  readonly #lexemes: Lexeme[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.text = text;
    this.#lexemes = lex(text);
  }

  get next(): Lexeme {
    return this.#lexemes[this.#at]!;
  }

  /** The lexeme that stands `count` after the next. */
  ahead(count: number): Lexeme {
    return this.#lexemes[Math.min(this.#at + count, this.#lexemes.length - 1)]!;
  }

  take(): Lexeme {
    const lexeme = this.next;
    if (lexeme.kind !== 'end') this.#at++;
    return lexeme;
  }

  /** Where the lexeme that was taken last ends. */
  get taken(): number {
    return this.#lexemes[this.#at - 1]?.end ?? 0;
  }

  is(...words: string[]): boolean {
    return words.includes(this.next.word) && this.next.word !== '';
  }

  /** Whether these words come next, in this order. */
  isPhrase(...words: string[]): boolean {
    return words.every((word, index) => this.ahead(index).word === word);
  }

  /** Takes these words if all of them come next. */
  accept(...words: string[]): boolean {
    if (!this.isPhrase(...words)) return false;
    this.#at += words.length;
    return true;
  }

  expect(...words: string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.wrong();
  }

  /** The error that the next lexeme is. */
  wrong(): SqlError {
    const { next } = this;
    const error =
      next.kind === 'end'
        ? syntaxError(this.#lexemes[this.#at - 1]?.text ?? '')
        : reserved.has(next.word)
          ? new SqlError(156, `Incorrect syntax near the keyword '${next.text}'.`, { severity: 15 })
          : syntaxError(next.text.slice(0, 120));
    error.line = next.line;
    return error;
  }

  /** Whether a name comes next: any word in brackets, or one that is not reserved. */
  isName(): boolean {
    return this.next.kind === 'quoted' || (this.next.kind === 'name' && !reserved.has(this.next.word));
  }

  name(): string {
    if (!this.isName()) throw this.wrong();
    return this.take().text;
  }

  /** A name of one to four parts; a part in the middle may be left out (`db..table`). */
  objectName(): ObjectName {
    const parts = [this.name()];
    while (this.is('.')) {
      this.take();
      parts.push(this.is('.') ? '' : this.name());
      if (parts.length > 4) throw this.wrong();
    }
    return { parts };
  }

  /** Names in parentheses. */
  names(): string[] {
    this.expect('(');
    const found = this.list(() => this.name());
    this.expect(')');
    return found;
  }

  list<Part>(read: () => Part): Part[] {
    const parts = [read()];
    while (this.accept(',')) parts.push(read());
    return parts;
  }

  /** Reads a part that may hold parts like itself, not deeper than a stack allows. */
  nested<Part>(read: () => Part): Part {
    if (++this.#depth > deepest)
      throw new SqlError(
        191,
        'Some part of your SQL statement is nested too deeply. Rewrite the query or break it up.',
        {
          severity: 15,
        },
      );
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  /** Passes over a group in parentheses, whatever it holds. */
  skipGroup(): void {
    this.expect('(');
    for (let depth = 1; depth > 0; ) {
      const { kind, word } = this.take();
      if (kind === 'end') throw this.wrong();
      if (word === '(') depth++;
      if (word === ')') depth--;
    }
  }
}

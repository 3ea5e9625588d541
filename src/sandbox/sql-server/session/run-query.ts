// Statements that read or write rows.

import type { EngineResult } from '../engine/database-file.ts';
import { fromEngine, typeFromEngine } from '../engine/engine-value.ts';
import type { Expression, Statement } from '../language/syntax.ts';
import { SqlError, unsupported } from '../sql-error.ts';
import { createTableAs } from '../translate/definition.ts';
import { type OutputColumn, translateQuery } from '../translate/query.ts';
import {
  type TranslatedWrite,
  translateDelete,
  translateInsert,
  translateMerge,
  translateUpdate,
} from '../translate/write.ts';
import { type SqlType, type SqlValue, spellType } from '../type/sql-type.ts';
import type { Column } from '../wire/token.ts';
import { contextOf, evaluate, requireVariable, type VariableTable } from './evaluate.ts';
import type { Reply } from './reply.ts';
import type { Session } from './session.ts';

/** What a run of statements has at hand. */
export type Run = { session: Session; reply: Reply; variables: VariableTable };

export const command = { select: 0xc1, insert: 0xc3, delete: 0xc4, update: 0xc5, merge: 0x117 } as const;

const columnsOf = (columns: readonly OutputColumn[], result: EngineResult): Column[] =>
  columns.map((column, index) => ({
    name: column.name,
    type: column.type ?? typeFromEngine(result.types[index]!),
    isNullable: column.isNullable,
    isIdentity: column.isIdentity,
  }));

const endOf = ({ session, reply }: Run, rows: bigint, code: number): Promise<void> => {
  session.facts.rowCount = rows;
  return reply.statementEnd(session.countsRows ? rows : null, code);
};

/** Sends the rows of a result as fast as the client reads, and says how many they were. */
const sendRows = async (
  { session, reply }: Run,
  result: EngineResult,
  described: readonly OutputColumn[],
): Promise<bigint> => {
  const columns = columnsOf(described, result);
  await reply.columns(columns);
  let rows = 0n;
  for (let lot = await result.next(); lot; lot = await result.next()) {
    for (const row of lot) {
      await reply.row(row.map((value, index) => fromEngine(value, columns[index]!.type)));
      rows++;
    }
    session.checkCancelled();
  }
  return rows;
};

/** `SELECT @x = ...`: the last row gives the values. */
const assignRows = async (
  { session, variables }: Run,
  result: EngineResult,
  described: readonly OutputColumn[],
): Promise<bigint> => {
  const columns = columnsOf(described, result);
  let rows = 0n;
  let last: Awaited<ReturnType<EngineResult['next']>> = null;
  for (let lot = await result.next(); lot; lot = await result.next()) {
    rows += BigInt(lot.length);
    last = lot;
    session.checkCancelled();
  }
  const row = last?.at(-1);
  if (row)
    for (const [index, { variable }] of described.entries()) {
      const target = requireVariable(variables, variable!);
      const value = fromEngine(row[index]!, columns[index]!.type);
      target.value = await recast(session, value, columns[index]!.type, target.type);
    }
  return rows;
};

/** A value of one type as one of another, by the engine's conversion. */
export const recast = async (session: Session, value: SqlValue, from: SqlType, to: SqlType): Promise<SqlValue> => {
  if (value === null || spellType(from) === spellType(to)) return value;
  const variables: VariableTable = new Map([['@value', { type: from, value }]]);
  const operand: Expression = { kind: 'variable', name: '@value' };
  return (await evaluate({ kind: 'cast', operand, type: to, isTry: false }, to, session, variables)).value;
};

export const runSelect = async (run: Run, statement: Extract<Statement, { kind: 'select' }>): Promise<void> => {
  const { session, variables } = run;
  const context = await contextOf(session, variables);
  const { into } = statement.query;
  if (into) {
    const [made] = await session.define(createTableAs(into, statement.query, context));
    return endOf(run, BigInt(String(made?.[0]?.[0] ?? 0)), command.select);
  }
  const query = translateQuery(statement.query, context, null);
  const assigns = query.columns.filter(({ variable }) => variable !== undefined).length;
  if (assigns > 0 && assigns < query.columns.length)
    throw new SqlError(
      141,
      'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.',
      { severity: 15 },
    );
  const result = await session.connection.stream(query.sql, context.bound);
  const rows = await (assigns > 0 ? assignRows : sendRows)(run, result, query.columns);
  if (assigns > 0) {
    session.facts.rowCount = rows;
    return;
  }
  return endOf(run, rows, command.select);
};

type Write = Extract<Statement, { kind: 'insert' | 'update' | 'delete' | 'merge' }>;

const translateWrite = (
  statement: Write,
  run: Run,
  context: Awaited<ReturnType<typeof contextOf>>,
): TranslatedWrite => {
  switch (statement.kind) {
    case 'insert':
      return translateInsert(statement, context, run.session.identityInsert);
    case 'update':
      return translateUpdate(statement, context);
    case 'delete':
      return translateDelete(statement, context);
    default:
      return translateMerge(statement, context);
  }
};

export const runWrite = async (run: Run, statement: Write): Promise<void> => {
  const { session } = run;
  session.requireSound();
  const context = await contextOf(session, run.variables);
  const write = translateWrite(statement, run, context);
  if (write.returns && statement.output?.into) throw unsupported('OUTPUT INTO');
  const result = await session.connection.stream(write.sql, context.bound);
  let rows = 0n;
  if (write.returns) rows = await sendRows(run, result, write.returns);
  else
    for (let lot = await result.next(); lot; lot = await result.next()) {
      if (write.identity === null) rows = BigInt(String(lot[0]![0]));
      else {
        rows += BigInt(lot.length);
        session.facts.identity = String(lot.at(-1)![0]);
      }
    }
  return endOf(run, rows, command[statement.kind]);
};

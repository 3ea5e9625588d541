// Runs the statements of a batch or a procedure, one after the other.
import { Cancelled } from '../engine/failure.ts';
import { parseBatch } from '../language/parse-statement.ts';
import type { ExecArgument, Expression, Statement } from '../language/syntax.ts';
import { SqlError, tooDeep, unsupported } from '../sql-error.ts';
import * as definition from '../translate/definition.ts';
import { findModule, findTable, printName } from '../translate/object-name.ts';
import { type SqlValue, typeOf } from '../type/sql-type.ts';
import { contextOf, evaluate, holds, requireVariable, type VariableTable } from './evaluate.ts';
import { catalogArguments, catalogProcedures, readDeclaration, requireText } from './procedure.ts';
import { raise, rethrow } from './raise.ts';
import { type Run, recast, runSelect, runWrite } from './run-query.ts';

/** How statements ended: by themselves, or by a word that leaves them. */
type End = 'next' | 'break' | 'continue' | { returns: number };

/** Errors after which the batch goes on with its next statement, as in SQL Server. */
const goesOn = new Set([110, 220, 515, 544, 545, 547, 2601, 2627, 2628, 3701, 3902, 3903, 8115, 8134, 8152]);

const deepestCall = 32;
const maxText = typeOf('nvarchar', { length: 'max' });
const int = typeOf('int');

/** A run of statements, with what only some of them need. */
export type Execution = Run & { depth: number; procedure: string; isTrying: boolean };

/** Runs statements; an error that ends the batch is thrown after it was told nobody: the caller tells the client. */
const runStatements = async (execution: Execution, statements: readonly Statement[]): Promise<End> => {
  for (const statement of statements) {
    execution.session.checkCancelled();
    const end = await runGuarded(execution, statement);
    if (end !== 'next') return end;
  }
  return 'next';
};

const runGuarded = async (execution: Execution, statement: Statement): Promise<End> => {
  const { session, reply } = execution;
  try {
    const end = await runOne(execution, statement);
    if (!['if', 'while', 'block', 'try', 'declare', 'print'].includes(statement.kind)) session.facts.errorNumber = 0;
    return end;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    error.line ||= statement.line;
    error.procedure ||= execution.procedure;
    await session.noteFailure();
    session.facts.errorNumber = error.number;
    if (execution.isTrying || !(goesOn.has(error.number) || wasRaised(statement))) throw error;
    await reply.error(error);
    await reply.statementEnd(null, 0);
    return 'next';
  }
};

const wasRaised = (statement: Statement): boolean => statement.kind === 'raiserror';

const runOne = async (execution: Execution, statement: Statement): Promise<End> => {
  const { session, reply, variables } = execution;
  switch (statement.kind) {
    case 'select':
      await runSelect(execution, statement);
      return 'next';
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      await runWrite(execution, statement);
      return 'next';
    case 'declare':
      for (const { name, type, value } of statement.variables) {
        variables.set(name, { type, value: null });
        if (value) variables.get(name)!.value = (await evaluate(value, type, session, variables)).value;
      }
      return 'next';
    case 'set': {
      const target = requireVariable(variables, statement.variable);
      const { operator, expression } = statement;
      const left: Expression = { kind: 'variable', name: statement.variable };
      const whole: Expression =
        operator === '=' ? expression : { kind: 'binary', operator: operator.slice(0, -1), left, right: expression };
      target.value = (await evaluate(whole, target.type, session, variables)).value;
      return 'next';
    }
    case 'if':
      if (await holds(statement.condition, session, variables)) return runGuarded(execution, statement.yes);
      return statement.otherwise ? runGuarded(execution, statement.otherwise) : 'next';
    case 'while':
      while (await holds(statement.condition, session, variables)) {
        session.checkCancelled();
        const end = await runGuarded(execution, statement.body);
        if (end === 'break') break;
        if (typeof end === 'object') return end;
      }
      return 'next';
    case 'block':
      return runStatements(execution, statement.statements);
    case 'try':
      return runTry(execution, statement);
    case 'break':
    case 'continue':
      return statement.kind;
    case 'return': {
      if (!statement.expression) return { returns: 0 };
      return { returns: Number((await evaluate(statement.expression, int, session, variables)).value ?? 0) };
    }
    case 'print': {
      const { value } = await evaluate(statement.expression, maxText, session, variables);
      await reply.info(0, String(value ?? '').slice(0, 4000), 0, statement.line);
      return 'next';
    }
    case 'raiserror':
      await raise(execution, statement);
      return 'next';
    case 'throw':
      return rethrow(execution, statement);
    case 'begin':
      await session.begin(reply);
      return 'next';
    case 'commit':
      await session.commit(reply);
      return 'next';
    case 'rollback':
      await session.rollback(reply);
      return 'next';
    case 'save':
      throw unsupported('SAVE TRANSACTION');
    case 'exec':
      return runExec(execution, statement);
    case 'execText': {
      const { value } = await evaluate(statement.expression, maxText, session, variables);
      await runText(execution, String(value ?? ''), new Map());
      return 'next';
    }
    case 'use':
      if (statement.database.toLowerCase() !== session.facts.database.toLowerCase())
        throw new SqlError(
          40508,
          'USE statement is not supported to switch between databases. Use a new connection to connect to a different database.',
        );
      return 'next';
    case 'option':
      setOption(execution, statement);
      return 'next';
    case 'identityInsert': {
      const { reference } = findTable(statement.table, {
        catalog: await session.catalog(),
        facts: session.facts,
      });
      session.identityInsert = statement.isOn ? reference : null;
      return 'next';
    }
    case 'insertBulk':
      throw unsupported('INSERT BULK within other statements');
    case 'nothing':
      return 'next';
    default:
      await session.define(definitionOf(statement, await contextOf(session, variables)));
      return 'next';
  }
};

const definitionOf = (
  statement: Statement,
  context: Awaited<ReturnType<typeof contextOf>>,
): definition.EngineStatement[] => {
  switch (statement.kind) {
    case 'createTable':
      return definition.createTable(statement, context);
    case 'createTableAs':
      return definition.createTableAs(statement.table, statement.query, context);
    case 'addColumns':
      return definition.addColumns(statement, context);
    case 'alterColumn':
      return definition.alterColumn(statement, context);
    case 'dropColumns':
      return definition.dropColumns(statement, context);
    case 'createIndex':
      return definition.createIndex(statement, context);
    case 'createView':
      return definition.createView(statement, context);
    case 'createProcedure':
      return definition.createProcedure(statement, context);
    case 'createSchema':
      return definition.createSchema(statement, context);
    case 'truncate':
      return definition.truncate(statement, context);
    case 'drop':
      return definition.dropObjects(statement, context);
    default:
      throw unsupported(`The statement ${statement.kind.toUpperCase()}`);
  }
};

const setOption = ({ session }: Execution, { name, value }: Extract<Statement, { kind: 'option' }>): void => {
  if (name === 'NOCOUNT') session.countsRows = value !== 'ON';
  const refused =
    (name === 'IMPLICIT_TRANSACTIONS' && value === 'ON') ||
    (name === 'ROWCOUNT' && value !== '0') ||
    (['PARSEONLY', 'NOEXEC', 'FMTONLY', 'SHOWPLAN_ALL', 'SHOWPLAN_XML', 'SHOWPLAN_TEXT', 'CONTEXT_INFO'].includes(
      name,
    ) &&
      value !== 'OFF') ||
    (name === 'QUOTED_IDENTIFIER' && value === 'OFF') ||
    (name === 'CONCAT_NULL_YIELDS_NULL' && value === 'OFF');
  if (refused) throw unsupported(`SET ${name} ${value}`);
};

const runTry = async (execution: Execution, statement: Extract<Statement, { kind: 'try' }>): Promise<End> => {
  const { session } = execution;
  const before = session.facts.caught;
  try {
    return await runStatements({ ...execution, isTrying: true }, statement.statements);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    session.facts.caught = error;
    try {
      return await runStatements(execution, statement.handler);
    } finally {
      session.facts.caught = before;
    }
  }
};

/** Runs a text with variables of its own. */
export const runText = async (execution: Execution, text: string, variables: VariableTable): Promise<End> => {
  if (execution.depth >= deepestCall)
    throw new SqlError(
      217,
      `Maximum stored procedure, function, trigger, or view nesting level exceeded (limit ${deepestCall}).`,
    );
  return runStatements({ ...execution, variables, depth: execution.depth + 1 }, parseBatch(text));
};

/** A value that a procedure is called with. `target` is the variable that wants the output. */
export type Argument = {
  name?: string;
  value: SqlValue;
  type: ReturnType<typeof typeOf>;
  isOutput: boolean;
  isDefault?: boolean;
};

/** What a procedure gave back. */
export type Outcome = { status: number; outputs: Map<string, { type: ReturnType<typeof typeOf>; value: SqlValue }> };

/** Calls a procedure of the database or of the server's own. Its results go to the reply. */
export const callProcedure = async (
  execution: Execution,
  name: { parts: readonly string[] },
  given: readonly Argument[],
): Promise<Outcome> => {
  const own = name.parts.at(-1)!.toLowerCase();
  if (own === 'sp_executesql') return executeText(execution, given);
  const { session } = execution;
  const catalog = await session.catalog();
  const found = findModule(name, { facts: session.facts, catalog });
  if (!found) {
    if (Object.hasOwn(catalogProcedures, own)) {
      const names = catalogArguments[own]!;
      const values = new Map(
        given.map(({ name: written, value }, index) => [written?.slice(1).toLowerCase() ?? names[index] ?? '', value]),
      );
      await runText(execution, catalogProcedures[own]!(values), new Map());
      return { status: 0, outputs: new Map() };
    }
    if (own.startsWith('sp_') || own.startsWith('xp_')) throw Object.assign(unsupported(`The procedure ${own}`), {});
    throw new SqlError(2812, `Could not find stored procedure '${printName(name)}'.`);
  }
  const [procedure] = parseBatch(found.definition);
  if (procedure?.kind !== 'createProcedure')
    throw new SqlError(2812, `Could not find stored procedure '${printName(name)}'.`);
  if (execution.depth >= deepestCall)
    throw new SqlError(
      217,
      `Maximum stored procedure, function, trigger, or view nesting level exceeded (limit ${deepestCall}).`,
    );
  const variables: VariableTable = new Map();
  for (const [index, parameter] of procedure.parameters.entries()) {
    const argument = given.find((one, place) =>
      one.name === undefined ? place === index : one.name.toLowerCase() === parameter.name,
    );
    if ((!argument || argument.isDefault) && parameter.default === undefined)
      throw new SqlError(
        201,
        `Procedure or function '${found.name}' expects parameter '${parameter.name}', which was not supplied.`,
      );
    const isGiven = argument && !argument.isDefault;
    const value = isGiven ? await recast(session, argument.value, argument.type, parameter.type) : parameter.default!;
    variables.set(parameter.name, { type: parameter.type, value });
  }
  const stray = given.find((one, place) =>
    one.name === undefined
      ? place >= procedure.parameters.length
      : !procedure.parameters.some((parameter) => parameter.name === one.name!.toLowerCase()),
  );
  if (stray?.name) throw new SqlError(8145, `${stray.name} is not a parameter for procedure ${found.name}.`);
  if (stray) throw new SqlError(8144, `Procedure or function ${found.name} has too many arguments specified.`);
  // What a procedure sets holds until it ends.
  const { countsRows, identityInsert } = session;
  const inside = { ...execution, variables, depth: execution.depth + 1, procedure: found.name };
  const end = await runStatements(inside, procedure.body).finally(() => {
    Object.assign(session, { countsRows, identityInsert });
  });
  const outputs = new Map(
    procedure.parameters.filter(({ isOutput }) => isOutput).map((one) => [one.name, variables.get(one.name)!]),
  );
  return { status: typeof end === 'object' ? end.returns : 0, outputs };
};

const executeText = async (execution: Execution, given: readonly Argument[]): Promise<Outcome> => {
  const [statement, declared, ...values] = given;
  const text = requireText(statement?.value, 'sp_executesql');
  const parameters =
    declared && declared.value !== null ? readDeclaration(requireText(declared.value, 'sp_executesql')) : [];
  const variables: VariableTable = new Map();
  for (const [index, { name, type }] of parameters.entries()) {
    const argument =
      values.find((one) => one.name?.toLowerCase() === name) ??
      (values[index]?.name === undefined ? values[index] : undefined);
    if (!argument)
      throw new SqlError(8178, `The parameterized query expects the parameter '${name}', which was not supplied.`);
    variables.set(name, { type, value: await recast(execution.session, argument.value, argument.type, type) });
  }
  const end = await runText(execution, text, variables);
  const outputs = new Map(
    parameters.filter(({ isOutput }) => isOutput).map(({ name }) => [name, variables.get(name)!]),
  );
  return { status: typeof end === 'object' ? end.returns : 0, outputs };
};

const readArgument = async (execution: Execution, argument: ExecArgument): Promise<Argument & { target?: string }> => {
  const { expression, isOutput, name } = argument;
  const named = name === undefined ? {} : { name };
  if (expression.kind === 'default') return { value: null, type: int, isOutput, isDefault: true, ...named };
  const { value, type } = await evaluate(expression, null, execution.session, execution.variables);
  const target = expression.kind === 'variable' && isOutput ? { target: expression.name } : {};
  return { value, type, isOutput, ...named, ...target };
};

const runExec = async (execution: Execution, statement: Extract<Statement, { kind: 'exec' }>): Promise<End> => {
  const { reply, session, variables } = execution;
  const given: (Argument & { target?: string })[] = [];
  for (const argument of statement.arguments) given.push(await readArgument(execution, argument));
  reply.depth++;
  try {
    const { status, outputs } = await callProcedure(execution, statement.procedure, given);
    const byPlace = [...outputs];
    const wanting = given.filter(({ target }) => target !== undefined);
    for (const [index, { name, target }] of wanting.entries()) {
      const found = outputs.get(name?.toLowerCase() ?? '') ?? (name === undefined ? byPlace[index]?.[1] : undefined);
      const variable = requireVariable(variables, target!);
      if (found) variable.value = await recast(session, found.value, found.type, variable.type);
    }
    if (statement.result !== undefined) {
      const variable = requireVariable(variables, statement.result);
      variable.value = await recast(session, BigInt(status), int, variable.type);
    }
    reply.depth--;
    await reply.procedureEnd(status, []);
    reply.depth++;
  } finally {
    reply.depth--;
  }
  return 'next';
};

/** Runs a batch for a client: an error that ends it is told, a cancellation is thrown. */
export const runBatch = async (execution: Execution, text: string): Promise<void> => {
  try {
    await runStatements(execution, parseBatch(text));
  } catch (error) {
    await tellFailure(execution, error);
  }
};

/** Tells the client of an error that ended its request. */
export const tellFailure = async ({ session, reply }: Execution, error: unknown): Promise<void> => {
  const told = error instanceof RangeError ? tooDeep() : error;
  if (told instanceof Cancelled || !(told instanceof SqlError)) throw told;
  session.facts.errorNumber = told.number;
  await reply.error(told);
};

// Values of expressions, and the variables of a batch or procedure.
import { fromEngine, typeFromEngine } from '../engine/engine-value.ts';
import type { Expression } from '../language/syntax.ts';
import { SqlError } from '../sql-error.ts';
import { type Context, createContext } from '../translate/context.ts';
import { convert } from '../translate/conversion.ts';
import { translate } from '../translate/expression.ts';
import { isString, type SqlType, type SqlValue } from '../type/sql-type.ts';
import type { Session } from './session.ts';

export type VariableTable = Map<string, { type: SqlType; value: SqlValue }>;

/** A translation's context as this moment has it. */
export const contextOf = async (session: Session, variables: VariableTable) =>
  createContext({ catalog: await session.catalog(), variables, facts: session.facts });

/** Whether text of one type is always one of the other. */
const fits = (from: SqlType, to: SqlType): boolean =>
  to.length === 'max' || (from.name === to.name && Number(from.length) <= Number(to.length));

/** The text of a literal that needs no engine to be what its variable wants. */
const atOnce = (expression: Expression, type: SqlType | null): SqlValue | undefined => {
  if (expression.kind !== 'literal') return undefined;
  if (expression.value === null) return null;
  if (!type || !expression.type) return undefined;
  if (isString(type) && isString(expression.type)) return fits(expression.type, type) ? expression.value : undefined;
  return ['int', 'bigint'].includes(type.name) && expression.type.name === 'int' ? expression.value : undefined;
};

/** The value of an expression, as one of `type`; with the type that it has by itself where that is null. */
export const evaluate = async (
  expression: Expression,
  type: SqlType | null,
  session: Session,
  variables: VariableTable,
): Promise<{ value: SqlValue; type: SqlType }> => {
  const quick = atOnce(expression, type);
  if (quick !== undefined && type) return { value: quick, type };
  const context = await contextOf(session, variables);
  const piece = translate(expression, context, null);
  const wanted = type && piece.type ? convert(piece, type) : piece;
  const result = await session.connection.stream(`SELECT ${wanted.sql} AS c1`, context.bound);
  const rows = (await result.next()) ?? [[null]];
  const own = type ?? piece.type ?? typeFromEngine(result.types[0]!);
  return { value: fromEngine(rows[0]![0]!, own), type: own };
};

/** Whether a condition holds. */
export const holds = async (condition: Expression, session: Session, variables: VariableTable): Promise<boolean> => {
  const context: Context & { bound: NonNullable<Context['bound']> } = await contextOf(session, variables);
  const { sql } = translate(condition, context, null);
  const [row] = await session.connection.all(`SELECT CASE WHEN ${sql} THEN 1 ELSE 0 END`, context.bound);
  return Number(row![0]) === 1;
};

/** The variable of a name, to be given a value. */
export const requireVariable = (variables: VariableTable, name: string): { type: SqlType; value: SqlValue } => {
  const found = variables.get(name);
  if (found) return found;
  throw new SqlError(137, `Must declare the scalar variable "${name}".`, { severity: 15 });
};

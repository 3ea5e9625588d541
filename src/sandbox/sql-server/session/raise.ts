// RAISERROR and THROW.
import type { Expression, Statement } from '../language/syntax.ts';
import { SqlError } from '../sql-error.ts';
import { type SqlValue, typeOf } from '../type/sql-type.ts';
import { evaluate } from './evaluate.ts';
import type { Run } from './run-query.ts';

const text = typeOf('nvarchar', { length: 'max' });
const int = typeOf('int');

/** Puts arguments in place of %s, %d and their like. */
const format = (message: string, values: SqlValue[]): string =>
  message.replace(/%%|%[-+0 #]*\d*(?:\.\d+)?([sdiuxX])/g, (mark, kind?: string) => {
    if (mark === '%%') return '%';
    const value = values.shift() ?? null;
    if (value === null) return '(null)';
    return kind === 'x' || kind === 'X' ? BigInt(String(value)).toString(16) : String(value);
  });

/** RAISERROR: severity up to 10 informs, above it is an error that the batch survives. */
export const raise = async (run: Run, statement: Extract<Statement, { kind: 'raiserror' }>): Promise<void> => {
  const { session, reply, variables } = run;
  const read = async (expression: Expression, type: ReturnType<typeof typeOf> | null) =>
    (await evaluate(expression, type, session, variables)).value;
  const severity = Number((await read(statement.severity, int)) ?? 16);
  const state = Number((await read(statement.state, int)) ?? 1);
  const values: SqlValue[] = [];
  for (const one of statement.arguments) values.push(await read(one, null));
  const given = await evaluate(statement.message, null, session, variables);
  const number = typeof given.value === 'bigint' ? Number(given.value) : 50_000;
  const message = typeof given.value === 'bigint' ? `Error ${given.value}` : format(String(given.value ?? ''), values);
  if (severity <= 10) return reply.info(number, message, severity, statement.line);
  throw new SqlError(number, message.slice(0, 2047), {
    severity: Math.min(severity, 18),
    state: Math.min(255, Math.max(1, state)),
  });
};

/** THROW: an error of one's own, or the one that was caught, again. */
export const rethrow = async (run: Run, statement: Extract<Statement, { kind: 'throw' }>): Promise<never> => {
  const { session, variables } = run;
  const { number, message, state } = statement;
  if (!number || !message || !state) {
    if (session.facts.caught) throw session.facts.caught;
    throw new SqlError(10704, 'To rethrow an error, a THROW statement must be used inside a CATCH block.', {
      severity: 15,
    });
  }
  const code = Number((await evaluate(number, int, session, variables)).value ?? 50_000);
  if (code < 50_000)
    throw new SqlError(
      35100,
      `Error number ${code} in the THROW statement is outside the valid range. Specify an error number of at least 50000.`,
    );
  const words = String((await evaluate(message, text, session, variables)).value ?? '');
  const mark = Number((await evaluate(state, int, session, variables)).value ?? 1);
  throw new SqlError(code, words.slice(0, 2047), { state: Math.min(255, Math.max(0, mark)) });
};

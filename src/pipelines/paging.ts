// Pages by key: the token holds where the last page ended in the order asked for, so that rows which come or go
// meanwhile neither repeat nor hide others.
import { type Expression, type SqlBool, sql } from 'kysely';
import { ServiceError } from '../base/error.ts';

/** One column of an order. `expression` is never null. */
export type Order = { name: string; expression: Expression<string>; direction: 'asc' | 'desc' };

const nameOf = (orders: readonly Order[]) => orders.map(({ name, direction }) => `${name} ${direction}`).join();

/** A token for the rows after the one with these values. */
export const writeToken = (orders: readonly Order[], values: readonly string[]): string =>
  Buffer.from(JSON.stringify([nameOf(orders), ...values])).toString('base64url');

const readToken = (orders: readonly Order[], token: string): string[] => {
  try {
    const [name, ...values] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown[];
    const isOurs = name === nameOf(orders) && values.length === orders.length;
    if (isOurs && values.every((value) => typeof value === 'string')) return values;
  } catch {
    // Refused below.
  }
  throw new ServiceError(
    400,
    'BadRequest',
    'continuationToken is not one that this query gave, with this orderBy. Start again without it.',
    { target: 'continuationToken' },
  );
};

/** The condition for rows after a token. Errors: 400 `BadRequest`. */
export const afterToken = (orders: readonly Order[], token: string): Expression<SqlBool> => {
  const values = readToken(orders, token);
  const alternatives = orders.map(({ expression, direction }, index) => {
    const equal = orders.slice(0, index).map((before, at) => sql<SqlBool>`${before.expression} = ${values[at]}`);
    const further = direction === 'asc' ? sql`>` : sql`<`;
    return sql<SqlBool>`(${sql.join([...equal, sql<SqlBool>`${expression} ${further} ${values[index]}`], sql` and `)})`;
  });
  return sql<SqlBool>`(${sql.join(alternatives, sql` or `)})`;
};

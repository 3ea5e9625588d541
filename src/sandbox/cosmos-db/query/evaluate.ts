// Expressions turned into functions of a row. Names are places in the row, found once and not for each row.
import { badRequest } from '../cosmos-error.ts';
import type { Expression, Select } from './expression.ts';
import { functionOf } from './function.ts';
import { likeTest } from './like.ts';
import { compareAlike, equals, memberOf, objectOf, small, type Value } from './value.ts';

/** The values of a row, in the order of the names that are known in it. */
export type Row = readonly Value[];
export type Evaluate = (row: Row) => Value;

/** What expressions are compiled in. */
export type Scope = {
  names: readonly string[];
  parameters: ReadonlyMap<string, Value>;
  /** Where the results of aggregates stand in the row, of the query that is grouped. */
  aggregates: ReadonlyMap<Expression, number>;
  /** Called where much may be done for one row; throws once it is too much. */
  spend(): void;
  /** Compiles a query in this scope: all that it gives for a row. */
  subquery(query: Select, scope: Scope): (row: Row) => Value[];
};

const number = (value: number): Value => (Number.isFinite(value) ? value : undefined);

const arithmetic: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '|': (left, right) => left | right,
  '&': (left, right) => left & right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => left << right,
  '>>': (left, right) => left >> right,
  '>>>': (left, right) => left >>> right,
};

const orders: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** `true`, `false`, or undefined for all else: three values, as in SQL. */
const truthOf = (value: Value): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

const and = (left: Value, right: Value): Value => {
  const [one, other] = [truthOf(left), truthOf(right)];
  if (one === false || other === false) return false;
  return one && other;
};

const or = (left: Value, right: Value): Value => {
  const [one, other] = [truthOf(left), truthOf(right)];
  if (one === true || other === true) return true;
  return one === undefined || other === undefined ? undefined : false;
};

const isOrdered = (left: Value, right: Value, isRight: (order: number) => boolean): Value => {
  const order = compareAlike(left, right);
  return order === undefined ? undefined : isRight(order);
};

const isLarge = (value: Value): boolean => typeof value === 'object' && value !== null;

const binary = (sign: string, left: Evaluate, right: Evaluate, spend: () => void): Evaluate => {
  if (sign === 'AND') return (row) => and(left(row), right(row));
  if (sign === 'OR') return (row) => or(left(row), right(row));
  if (sign === '??')
    return (row) => {
      const value = left(row);
      return value === undefined ? right(row) : value;
    };
  const order = orders[sign];
  if (order) return (row) => isOrdered(left(row), right(row), order);
  return (row) => {
    const [one, other] = [left(row), right(row)];
    if (one === undefined || other === undefined) return undefined;
    if (isLarge(one) && isLarge(other)) spend();
    if (sign === '=') return equals(one, other);
    if (sign === '!=') return !equals(one, other);
    if (sign === '||') return typeof one === 'string' && typeof other === 'string' ? small(one + other) : undefined;
    return typeof one === 'number' && typeof other === 'number' ? number(arithmetic[sign]!(one, other)) : undefined;
  };
};

const unary = (sign: string, operand: Evaluate): Evaluate => {
  if (sign === 'NOT')
    return (row) => {
      const truth = truthOf(operand(row));
      return truth === undefined ? undefined : !truth;
    };
  return (row) => {
    const value = operand(row);
    if (typeof value !== 'number') return undefined;
    return sign === '-' ? -value : sign === '~' ? ~value : value;
  };
};

const among =
  (operand: Evaluate, list: readonly Evaluate[], spend: () => void): Evaluate =>
  (row) => {
    const value = operand(row);
    if (isLarge(value)) spend();
    return value === undefined ? undefined : list.some((one) => equals(value, one(row)));
  };

const like = (operand: Evaluate, pattern: Evaluate, escapeMark: Evaluate | null, spend: () => void): Evaluate => {
  let known: { text: string; mark: Value; test: (text: string) => boolean } | undefined;
  return (row) => {
    const [text, wanted, mark] = [operand(row), pattern(row), escapeMark?.(row)];
    if (typeof text !== 'string' || typeof wanted !== 'string') return undefined;
    if (known?.text !== wanted || known.mark !== mark)
      known = { text: wanted, mark, test: likeTest(wanted, typeof mark === 'string' ? mark : undefined, spend) };
    return known.test(text);
  };
};

const call = (name: string, list: readonly Evaluate[], spend: () => void): Evaluate => {
  const { least, most, run } = functionOf(name);
  if (list.length < least || list.length > most)
    throw badRequest(
      `The function ${name} takes ${least === most ? least : `${least} to ${most}`} arguments; it is given ${list.length}.`,
    );
  return (row) => {
    spend();
    return run(list.map((one) => one(row)));
  };
};

/** Compiles an expression. Errors: a 400 for a name or a parameter that is not there. */
export const compile = (expression: Expression, scope: Scope): Evaluate => {
  const inner = (one: Expression) => compile(one, scope);
  switch (expression.kind) {
    case 'constant': {
      const { value } = expression;
      return () => value;
    }
    case 'parameter': {
      if (!scope.parameters.has(expression.name))
        throw badRequest(`The query names a parameter ${expression.name}, which is not among its parameters.`);
      const value = scope.parameters.get(expression.name);
      return () => value;
    }
    case 'name': {
      const at = scope.names.lastIndexOf(expression.name);
      if (at < 0) throw badRequest(`Identifier '${expression.name.slice(0, 100)}' could not be resolved.`);
      return (row) => row[at];
    }
    case 'aggregate': {
      const at = scope.aggregates.get(expression);
      if (at === undefined) throw badRequest(`The aggregate function ${expression.name} cannot stand here.`);
      return (row) => row[at];
    }
    case 'member': {
      const [of, name] = [inner(expression.of), inner(expression.name)];
      return (row) => memberOf(of(row), name(row));
    }
    case 'call':
      return call(expression.name, expression.arguments.map(inner), scope.spend);
    case 'unary':
      return unary(expression.sign, inner(expression.operand));
    case 'binary':
      return binary(expression.sign, inner(expression.left), inner(expression.right), scope.spend);
    case 'in':
      return among(inner(expression.operand), expression.among.map(inner), scope.spend);
    case 'between': {
      const [operand, low, high] = [inner(expression.operand), inner(expression.low), inner(expression.high)];
      return (row) => {
        const value = operand(row);
        return and(
          isOrdered(value, low(row), (order) => order >= 0),
          isOrdered(value, high(row), (order) => order <= 0),
        );
      };
    }
    case 'like':
      return like(
        inner(expression.operand),
        inner(expression.pattern),
        expression.escape && inner(expression.escape),
        scope.spend,
      );
    case 'choice': {
      const [test, chosen, otherwise] = [inner(expression.test), inner(expression.chosen), inner(expression.otherwise)];
      return (row) => (test(row) === true ? chosen(row) : otherwise(row));
    }
    case 'array': {
      const items = expression.items.map(inner);
      return (row) => small(items.map((one) => one(row)).filter((value) => value !== undefined));
    }
    case 'object': {
      const entries = expression.entries.map(({ name, value }) => [name, inner(value)] as const);
      return (row) => small(objectOf(entries.map(([name, value]) => [name, value(row)])));
    }
    case 'subquery': {
      const run = scope.subquery(expression.query, scope);
      if (expression.as === 'exists') return (row) => run(row).length > 0;
      if (expression.as === 'array') return (row) => small(run(row).filter((value) => value !== undefined));
      return (row) => run(row)[0];
    }
  }
};

// Functions of numbers and of any value.
import { SqlError } from '../sql-error.ts';
import { isInteger, isNumeric, isString, type SqlType, typeOf } from '../type/sql-type.ts';
import type { Piece } from './context.ts';
import { convert, unify } from './conversion.ts';
import { fitTo, repeated, translate } from './expression.ts';
import { type CallSite, type FunctionTable, rule } from './function-rule.ts';

const int = typeOf('int');
const float = typeOf('float');

const asNumber = (piece: Piece): Piece => (isString(piece.type) ? convert(piece, float) : piece);
/** The engine's result over a float. */
const real = (name: string) =>
  rule(1, 1, ([value]) => ({ sql: `${name}(CAST(${asNumber(value!).sql} AS DOUBLE))`, type: float }));
const same = (name: string) =>
  rule(1, 1, ([value]) => {
    const number = asNumber(value!);
    return { sql: `${name}(${number.sql})`, type: number.type };
  });

const together = (pieces: readonly Piece[]): SqlType | null =>
  pieces.reduce<SqlType | null>((sum, { type }) => unify(sum, type), null);

const firstOf = (pieces: readonly Piece[], type: SqlType | null): Piece => ({
  sql: `coalesce(${pieces.map((one) => fitTo(one, type).sql).join(', ')})`,
  type,
});

const extreme = (name: string) =>
  rule(1, 254, (pieces) => {
    const type = together(pieces);
    return { sql: `${name}(${pieces.map((one) => fitTo(one, type).sql).join(', ')})`, type };
  });

const round = rule(2, 3, ([value, digits, mode]) => {
  const number = asNumber(value!);
  const name = mode
    ? `__postern.rounded(${number.sql}, ${digits!.sql}, ${mode.sql})`
    : `round(${number.sql}, ${digits!.sql})`;
  const type = isInteger(number.type) ? (number.type?.name === 'bigint' ? number.type : int) : number.type;
  return type?.name === 'decimal'
    ? { sql: `CAST(${name} AS DECIMAL(${type.precision},${type.scale}))`, type }
    : { sql: name, type };
});

const iif = ({ call, context, scope }: CallSite): Piece => {
  const [condition, yes, no] = call.arguments;
  if (!condition || !yes || !no || call.arguments.length > 3)
    throw new SqlError(174, 'The iif function requires 3 argument(s).', { severity: 15 });
  const branches = [{ when: condition, result: yes }];
  return translate({ kind: 'case', branches, otherwise: no }, context, scope);
};

export const valueFunctions: FunctionTable = {
  ISNULL: rule(2, 2, ([value, other]) => firstOf([value!, other!], value!.type ?? other!.type)),
  COALESCE: rule(2, 254, (pieces) => firstOf(pieces, together(pieces))),
  NULLIF: rule(2, 2, ([value, other]) => ({
    sql: `nullif(${value!.sql}, ${fitTo(other!, value!.type).sql})`,
    type: value!.type,
  })),
  IIF: { raw: iif },
  CHOOSE: rule(2, 254, ([place, ...pieces]) => {
    const type = together(pieces);
    const at = repeated(place!, pieces.length).sql;
    const branches = pieces.map((one, index) => `WHEN ${at} = ${index + 1} THEN ${fitTo(one, type).sql}`);
    return { sql: `CASE ${branches.join(' ')} END`, type };
  }),
  GREATEST: extreme('greatest'),
  LEAST: extreme('least'),
  ABS: same('abs'),
  CEILING: same('ceil'),
  FLOOR: same('floor'),
  SIGN: same('sign'),
  ROUND: round,
  POWER: rule(2, 2, ([value, power]) => {
    const sql = `power(CAST(${asNumber(value!).sql} AS DOUBLE), CAST(${asNumber(power!).sql} AS DOUBLE))`;
    return value!.type && isNumeric(value!.type) && value!.type.name !== 'float'
      ? convert({ sql, type: float }, value!.type)
      : { sql, type: float };
  }),
  SQRT: real('sqrt'),
  SQUARE: rule(1, 1, ([value]) => ({ sql: `power(CAST(${asNumber(value!).sql} AS DOUBLE), 2)`, type: float })),
  EXP: real('exp'),
  LOG: rule(1, 2, ([value, base]) => ({
    sql: base
      ? `(ln(CAST(${value!.sql} AS DOUBLE)) / ln(CAST(${base.sql} AS DOUBLE)))`
      : `ln(CAST(${value!.sql} AS DOUBLE))`,
    type: float,
  })),
  LOG10: real('log10'),
  SIN: real('sin'),
  COS: real('cos'),
  TAN: real('tan'),
  ATAN: real('atan'),
  PI: rule(0, 0, () => ({ sql: 'pi()', type: float })),
  RAND: rule(0, 1, () => ({ sql: 'random()', type: float })),
  NEWID: rule(0, 0, () => ({ sql: 'gen_random_uuid()', type: typeOf('uniqueidentifier') })),
  NEWSEQUENTIALID: rule(0, 0, () => ({ sql: 'uuidv7()', type: typeOf('uniqueidentifier') })),
  ISNUMERIC: rule(1, 1, ([value]) => ({
    sql: isNumeric(value!.type)
      ? `CASE WHEN ${value!.sql} IS NULL THEN 0 ELSE 1 END`
      : `CASE WHEN TRY_CAST(trim(CAST(${value!.sql} AS VARCHAR)) AS DOUBLE) IS NULL THEN 0 ELSE 1 END`,
    type: int,
  })),
};

import { SqlError, unsupported } from '../sql-error.ts';
import { type SqlType, type TypeName, typeOf } from '../type/sql-type.ts';
import type { Cursor } from './cursor.ts';

const plain: Readonly<Record<string, TypeName>> = {
  bit: 'bit',
  tinyint: 'tinyint',
  smallint: 'smallint',
  int: 'int',
  integer: 'int',
  bigint: 'bigint',
  money: 'money',
  smallmoney: 'smallmoney',
  real: 'real',
  date: 'date',
  smalldatetime: 'smalldatetime',
  datetime: 'datetime',
  text: 'text',
  ntext: 'ntext',
  image: 'image',
  uniqueidentifier: 'uniqueidentifier',
};
const long: Readonly<Record<string, TypeName>> = {
  char: 'char',
  character: 'char',
  varchar: 'varchar',
  nchar: 'nchar',
  nvarchar: 'nvarchar',
  binary: 'binary',
  varbinary: 'varbinary',
};
const scaled: Readonly<Record<string, TypeName>> = {
  time: 'time',
  datetime2: 'datetime2',
  datetimeoffset: 'datetimeoffset',
};
const refused = [
  'xml',
  'sql_variant',
  'rowversion',
  'timestamp',
  'hierarchyid',
  'geography',
  'geometry',
  'cursor',
  'table',
  'json',
  'vector',
];

const numbers = (cursor: Cursor): (number | 'max')[] => {
  if (!cursor.accept('(')) return [];
  const found = cursor.list(() => {
    if (cursor.accept('MAX')) return 'max' as const;
    if (cursor.next.kind !== 'number' || !/^\d{1,5}$/.test(cursor.next.text)) throw cursor.wrong();
    return Number(cursor.take().text);
  });
  cursor.expect(')');
  return found;
};

const outOfRange = (name: string, what: number | string, most: number) =>
  new SqlError(
    131,
    `The size (${what}) given to the type '${name}' exceeds the maximum allowed for any data type (${most}).`,
    {
      severity: 15,
    },
  );

/** Reads the name of a type. `bare` is the length that a type without one has: 1 in declarations, 30 in CAST. */
export const readTypeName = (cursor: Cursor, bare = 1): SqlType => {
  if (cursor.isPhrase('SYS', '.')) cursor.accept('SYS', '.');
  const line = cursor.next.line;
  const written = cursor.name();
  const name = written.toLowerCase();
  if (Object.hasOwn(plain, name)) return typeOf(plain[name]!);
  if (name === 'sysname') return typeOf('nvarchar', { length: 128 });
  if (name === 'double') {
    cursor.expect('PRECISION');
    return typeOf('float');
  }
  if (Object.hasOwn(long, name)) {
    const isVarying = name.startsWith('char') && cursor.accept('VARYING');
    const type = isVarying ? 'varchar' : long[name]!;
    const [length = bare] = numbers(cursor);
    const most = type.startsWith('n') ? 4000 : 8000;
    if (typeof length === 'number' && (length > most || length < 1)) throw outOfRange(name, length, most);
    if (length === 'max' && !type.includes('var')) throw cursor.wrong();
    return typeOf(type, { length });
  }
  if (Object.hasOwn(scaled, name)) {
    const [scale = 7] = numbers(cursor);
    if (typeof scale !== 'number' || scale > 7)
      throw new SqlError(1002, `Line ${line}: Specified scale ${scale} is invalid.`);
    return typeOf(scaled[name]!, { scale });
  }
  if (name === 'decimal' || name === 'numeric' || name === 'dec') {
    const [precision = 18, scale = 0] = numbers(cursor);
    if (typeof precision !== 'number' || precision < 1 || precision > 38) throw outOfRange(name, precision, 38);
    if (typeof scale !== 'number' || scale > precision)
      throw new SqlError(192, 'The scale must be less than or equal to the precision.', { severity: 15 });
    return typeOf('decimal', { precision, scale });
  }
  if (name === 'float') {
    const [digits = 53] = numbers(cursor);
    return typeOf(typeof digits === 'number' && digits <= 24 ? 'real' : 'float');
  }
  if (refused.includes(name)) throw unsupported(`The type ${name}`);
  throw Object.assign(new SqlError(2715, `Cannot find data type ${written}.`), { line });
};

// The types of SQL Server that this server knows, and how each is kept by the engine. Pure.

/** Names as catalogue views print them. `numeric` is `decimal`; `text`, `ntext` and `image` travel as their `max` types. */
export type TypeName =
  | 'bit'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'money'
  | 'smallmoney'
  | 'real'
  | 'float'
  | 'date'
  | 'time'
  | 'smalldatetime'
  | 'datetime'
  | 'datetime2'
  | 'datetimeoffset'
  | 'char'
  | 'varchar'
  | 'nchar'
  | 'nvarchar'
  | 'text'
  | 'ntext'
  | 'binary'
  | 'varbinary'
  | 'image'
  | 'uniqueidentifier';

/** A type. `length` counts characters or bytes, and is `max` for the long ones; `scale` is also that of times. */
export type SqlType = { name: TypeName; length?: number | 'max'; precision?: number; scale?: number };

/**
 * A value outside of the engine: bit as boolean; whole numbers as bigint; decimals and money as decimal text; real and
 * float as number; times as text (`2024-02-29 12:30:00.1234567 +02:00`, the parts that the type has); binary as Buffer;
 * uniqueidentifier as upper-case text.
 */
export type SqlValue = null | boolean | bigint | number | string | Buffer;

export const typeOf = (name: TypeName, more: Omit<SqlType, 'name'> = {}): SqlType => ({ name, ...more });

const integers: readonly string[] = ['bit', 'tinyint', 'smallint', 'int', 'bigint'];
const exacts: readonly string[] = ['decimal', 'money', 'smallmoney'];
const strings: readonly string[] = ['char', 'varchar', 'nchar', 'nvarchar', 'text', 'ntext'];
const binaries: readonly string[] = ['binary', 'varbinary', 'image'];
const moments: readonly string[] = ['date', 'time', 'smalldatetime', 'datetime', 'datetime2', 'datetimeoffset'];

export const isInteger = (type: SqlType | null): boolean => type !== null && integers.includes(type.name);
export const isExact = (type: SqlType | null): boolean => type !== null && exacts.includes(type.name);
export const isApproximate = (type: SqlType | null): boolean => type?.name === 'real' || type?.name === 'float';
export const isNumeric = (type: SqlType | null): boolean => isInteger(type) || isExact(type) || isApproximate(type);
export const isString = (type: SqlType | null): boolean => type !== null && strings.includes(type.name);
export const isBinary = (type: SqlType | null): boolean => type !== null && binaries.includes(type.name);
export const isMoment = (type: SqlType | null): boolean => type !== null && moments.includes(type.name);
/** Whether the type has a date and a time without an offset. */
export const isDateTime = (type: SqlType | null): boolean =>
  type?.name === 'datetime' || type?.name === 'datetime2' || type?.name === 'smalldatetime';
/** Whether strings of the type are Unicode by declaration. */
export const isNational = (type: SqlType): boolean => type.name.startsWith('n');
/** Whether values have a fixed width, padded. */
export const isPadded = (type: SqlType): boolean => ['char', 'nchar', 'binary'].includes(type.name);

/** How the engine keeps values of a type. An offset is beside its instant in text that sorts by instant. */
export const engineType = (type: SqlType): string => {
  switch (type.name) {
    case 'bit':
      return 'BOOLEAN';
    case 'tinyint':
      return 'UTINYINT';
    case 'smallint':
      return 'SMALLINT';
    case 'int':
      return 'INTEGER';
    case 'bigint':
      return 'BIGINT';
    case 'decimal':
      return `DECIMAL(${type.precision ?? 18},${type.scale ?? 0})`;
    case 'money':
      return 'DECIMAL(19,4)';
    case 'smallmoney':
      return 'DECIMAL(10,4)';
    case 'real':
      return 'FLOAT';
    case 'float':
      return 'DOUBLE';
    case 'date':
      return 'DATE';
    case 'time':
      return 'TIME';
    case 'smalldatetime':
    case 'datetime':
    case 'datetime2':
      return 'TIMESTAMP';
    case 'binary':
    case 'varbinary':
    case 'image':
      return 'BLOB';
    case 'uniqueidentifier':
      return 'UUID';
    default:
      return 'VARCHAR';
  }
};

/** The type as a declaration spells it: `decimal(10,2)`, `nvarchar(max)`. */
export const spellType = (type: SqlType): string => {
  if (type.length !== undefined) return `${type.name}(${type.length})`;
  if (type.name === 'decimal') return `decimal(${type.precision},${type.scale})`;
  if (['time', 'datetime2', 'datetimeoffset'].includes(type.name)) return `${type.name}(${type.scale})`;
  return type.name;
};

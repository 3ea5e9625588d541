// Functions of text.
import { SqlError } from '../sql-error.ts';
import { isBinary, isNational, isString, type SqlType, typeOf } from '../type/sql-type.ts';
import type { Piece } from './context.ts';
import { convert } from './conversion.ts';
import { type FunctionTable, rule } from './function-rule.ts';

const int = typeOf('int');
const longText = typeOf('nvarchar', { length: 'max' });

/** A piece as text, whatever it was. */
export const asText = (piece: Piece): Piece => (isString(piece.type) ? piece : convert(piece, longText));

const sameText = (piece: Piece): SqlType =>
  isString(piece.type)
    ? { ...piece.type!, name: isNational(piece.type!) ? 'nvarchar' : 'varchar' }
    : typeOf('varchar', { length: 8000 });

/** The widest type of a text's kind, for what may grow. */
const widest = (piece: Piece): SqlType => {
  const type = sameText(piece);
  return { ...type, length: type.length === 'max' ? 'max' : isNational(type) ? 4000 : 8000 };
};

const through = (name: string, typed = sameText) =>
  rule(1, 1, ([text]) => ({ sql: `${name}(${asText(text!).sql})`, type: typed(text!) }));

const trim = (name: string) =>
  rule(1, 1, ([text]) => ({ sql: `${name}(${asText(text!).sql}, ' ')`, type: sameText(text!) }));

const joined = (pieces: readonly Piece[]): SqlType => {
  const isWide = pieces.some(({ type }) => type !== null && isString(type) && isNational(type));
  const sum = pieces.reduce((total, { type }) => total + (isString(type) ? Number(type!.length ?? Number.NaN) : 60), 0);
  const most = isWide ? 4000 : 8000;
  return typeOf(isWide ? 'nvarchar' : 'varchar', {
    length: Number.isNaN(sum) ? 'max' : Math.max(1, Math.min(most, sum)),
  });
};

export const textFunctions: FunctionTable = {
  LEN: rule(1, 1, ([text]) => ({ sql: `length(rtrim(${asText(text!).sql}, ' '))`, type: int })),
  DATALENGTH: rule(1, 1, ([value]) => {
    const { sql, type } = value!;
    if (isBinary(type)) return { sql: `octet_length(${sql})`, type: int };
    if (!isString(type) && type) {
      const width = {
        bit: 1,
        tinyint: 1,
        smallint: 2,
        int: 4,
        bigint: 8,
        real: 4,
        float: 8,
        money: 8,
        smallmoney: 4,
        date: 3,
        datetime: 8,
        smalldatetime: 4,
        uniqueidentifier: 16,
      }[type.name as 'int'];
      if (width === undefined)
        throw new SqlError(40517, `DATALENGTH of ${type.name} is not supported by Postern's sandbox SQL server.`);
      return { sql: `CASE WHEN ${sql} IS NULL THEN NULL ELSE ${width} END`, type: int };
    }
    return { sql: type && isNational(type) ? `(length(${sql}) * 2)` : `strlen(${sql})`, type: int };
  }),
  LEFT: rule(2, 2, ([text, count]) => ({ sql: `left(${asText(text!).sql}, ${count!.sql})`, type: sameText(text!) })),
  RIGHT: rule(2, 2, ([text, count]) => ({ sql: `right(${asText(text!).sql}, ${count!.sql})`, type: sameText(text!) })),
  SUBSTRING: rule(3, 3, ([text, start, count]) => {
    if (isBinary(text!.type))
      return { sql: `__postern.part_of_bytes(${text!.sql}, ${start!.sql}, ${count!.sql})`, type: text!.type };
    return { sql: `__postern.part_of(${asText(text!).sql}, ${start!.sql}, ${count!.sql})`, type: sameText(text!) };
  }),
  UPPER: through('upper', widest),
  LOWER: through('lower', widest),
  REVERSE: through('reverse'),
  LTRIM: trim('ltrim'),
  RTRIM: trim('rtrim'),
  TRIM: trim('trim'),
  REPLACE: rule(3, 3, ([text, from, to]) => ({
    sql: `__postern.replaced(${[text, from, to].map((one) => asText(one!).sql).join(', ')})`,
    type: isString(text!.type)
      ? { ...sameText(text!), length: text!.type!.length === 'max' ? 'max' : isNational(text!.type!) ? 4000 : 8000 }
      : longText,
  })),
  REPLICATE: rule(2, 2, ([text, count]) => ({
    sql: `__postern.repeated(${asText(text!).sql}, ${count!.sql})`,
    type: {
      ...sameText(text!),
      length: text!.type?.length === 'max' ? 'max' : isString(text!.type) && isNational(text!.type!) ? 4000 : 8000,
    },
  })),
  SPACE: rule(1, 1, ([count]) => ({
    sql: `repeat(' ', LEAST(${count!.sql}, 8000))`,
    type: typeOf('varchar', { length: 8000 }),
  })),
  STUFF: rule(4, 4, ([text, start, count, other]) => ({
    sql: `__postern.stuffed(${asText(text!).sql}, ${start!.sql}, ${count!.sql}, ${asText(other!).sql})`,
    type: joined([text!, other!]),
  })),
  CHARINDEX: rule(2, 3, ([part, text, start]) => ({
    sql: `__postern.place_of(${asText(part!).sql}, ${asText(text!).sql}, ${start?.sql ?? '1'})`,
    type: int,
  })),
  CONCAT: rule(2, 254, (pieces) => ({
    sql: `concat(${pieces.map((one) => asText(one).sql).join(', ')})`,
    type: joined(pieces),
  })),
  CONCAT_WS: rule(3, 254, (pieces) => ({
    sql: `concat_ws(${pieces.map((one) => asText(one).sql).join(', ')})`,
    type: joined([...pieces, ...pieces.map(() => pieces[0]!)]),
  })),
  CHAR: rule(1, 1, ([code]) => ({
    sql: `__postern.character(${code!.sql})`,
    type: typeOf('varchar', { length: 4 }),
  })),
  NCHAR: rule(1, 1, ([code]) => ({ sql: `chr(${code!.sql})`, type: typeOf('nvarchar', { length: 2 }) })),
  ASCII: rule(1, 1, ([text]) => ({ sql: `ascii(${asText(text!).sql})`, type: int })),
  UNICODE: rule(1, 1, ([text]) => ({ sql: `unicode(${asText(text!).sql})`, type: int })),
  QUOTENAME: rule(1, 2, ([name, mark], { call }) => {
    const sign = call.arguments[1];
    const open = sign?.kind === 'literal' ? String(sign.value) : '[';
    if (mark && !['[', ']', '"', "'"].includes(open))
      throw new SqlError(40517, "This mark of QUOTENAME is not supported by Postern's sandbox SQL server.");
    const [left, right] = open === '[' || open === ']' ? ['[', ']'] : [open, open];
    const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
    return {
      sql: `(${literal(left!)} || replace(${asText(name!).sql}, ${literal(right!)}, ${literal(right! + right!)}) || ${literal(right!)})`,
      type: typeOf('nvarchar', { length: 258 }),
    };
  }),
  STR: rule(1, 3, ([number, width, digits]) => ({
    sql: `lpad(CAST(round(CAST(${number!.sql} AS DECIMAL(38,10)), ${digits?.sql ?? '0'}) AS DECIMAL(38,${digits?.sql && /^\d+$/.test(digits.sql) ? digits.sql : '0'}))::VARCHAR, LEAST(${width?.sql ?? '10'}, 8000), ' ')`,
    type: typeOf('varchar', { length: 255 }),
  })),
  HASHBYTES: rule(2, 2, ([, text], { call }) => {
    const algorithm = call.arguments[0];
    const name = algorithm?.kind === 'literal' ? String(algorithm.value).toLowerCase() : '';
    const engine = { md5: 'md5', sha1: 'sha1', sha2_256: 'sha256' }[name];
    if (!engine || (isString(text!.type) && isNational(text!.type!)))
      throw new SqlError(
        40517,
        "HASHBYTES is supported by Postern's sandbox SQL server for MD5, SHA1 and SHA2_256 of varchar and varbinary only.",
      );
    return { sql: `unhex(${engine}(${text!.sql}))`, type: typeOf('varbinary', { length: 8000 }) };
  }),
  JSON_VALUE: rule(2, 2, ([json, path]) => ({
    sql: `json_extract_string(${asText(json!).sql}, ${asText(path!).sql})`,
    type: typeOf('nvarchar', { length: 4000 }),
  })),
  ISJSON: rule(1, 1, ([json]) => ({ sql: `CAST(json_valid(${asText(json!).sql}) AS INTEGER)`, type: int })),
};

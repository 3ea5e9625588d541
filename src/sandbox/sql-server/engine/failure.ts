// What the engine says went wrong, in SQL Server's numbers.
import { messageOf } from '../../../base/error.ts';
import { SqlError } from '../sql-error.ts';
import { lostTicks } from '../translate/conversion.ts';

/** That a statement was stopped because the client asked for it, or went. */
export class Cancelled extends Error {}

type Reader = { pattern: RegExp; read(found: RegExpExecArray): SqlError };
const is = (pattern: RegExp, read: (...parts: string[]) => SqlError): Reader => ({
  pattern,
  read: (found) => read(...found.slice(1)),
});
const say = (number: number, message: string, severity = 16) => new SqlError(number, message, { severity });

const typeNames: Readonly<Record<string, string>> = {
  INT8: 'smallint',
  UINT8: 'tinyint',
  INT16: 'smallint',
  INT32: 'int',
  INT64: 'bigint',
  BOOL: 'bit',
  BOOLEAN: 'bit',
  DOUBLE: 'float',
  FLOAT: 'real',
};

const overflow = () => say(8115, 'Arithmetic overflow error converting expression to data type.');
const isNumber = (value: string): boolean => /^\s*[-+]?[\d.]+\s*$/.test(value);

const conversion = (value: string, target: string): SqlError => {
  const name = typeNames[target];
  if (isNumber(value) && name?.endsWith('int'))
    return say(248, `The conversion of the varchar value '${value}' overflowed an ${name} column.`);
  if (isNumber(value) && target.includes('DECIMAL')) return overflow();
  if (name === 'float' || name === 'real') return say(8114, `Error converting data type varchar to ${name}.`);
  if (name !== undefined)
    return say(245, `Conversion failed when converting the varchar value '${value}' to data type ${name}.`);
  if (target === 'INT128')
    return say(8169, 'Conversion failed when converting from a character string to uniqueidentifier.');
  return say(
    8114,
    `Error converting data type varchar to ${/DECIMAL/.test(target) ? 'numeric' : target.toLowerCase()}.`,
  );
};
const badDate = () => say(241, 'Conversion failed when converting date and/or time from character string.');
const duplicate = (key: string, kind: string) =>
  kind === 'primary key'
    ? say(
        2627,
        `Violation of PRIMARY KEY constraint. Cannot insert duplicate key. The duplicate key value is (${key}).`,
        14,
      )
    : say(
        2627,
        `Violation of UNIQUE KEY constraint. Cannot insert duplicate key. The duplicate key value is (${key}).`,
        14,
      );

const readers: readonly Reader[] = [
  is(/~8134~/, () => say(8134, 'Divide by zero error encountered.')),
  is(/~40517~(.*)/s, (value) => lostTicks(value!)),
  is(/~2628~(.*?)~(.*?)~(.*)/s, (table, column, value) =>
    say(
      2628,
      `String or binary data would be truncated in table '${table}', column '${column}'. Truncated value: '${value}'.`,
    ),
  ),
  is(/Duplicate key "(?:.*?: )?(.*?)" violates (primary key|unique) constraint/s, (key, kind) =>
    duplicate(key!, kind!),
  ),
  is(/(?:PRIMARY KEY or UNIQUE|unique) constraint violation/i, () => duplicate('', 'unique')),
  is(/NOT NULL constraint failed: (?:.*\.)?([^.\n]+)\.([^\n]+)/, (table, column) =>
    say(515, `Cannot insert the value NULL into column '${column}', table '${table}'; column does not allow nulls.`),
  ),
  is(/CHECK constraint failed on table (.+?) with expression/s, (table) =>
    say(547, `The statement conflicted with a CHECK constraint of the table '${table}'.`),
  ),
  is(/Could not (?:cast|convert) (?:string|value) '(.*?)' to ([A-Z0-9(), ]+)/s, (value, target) =>
    conversion(value!, target!.trim()),
  ),
  is(/Could not (?:convert string "|cast value )(.*?)"? to (DECIMAL[^ \n]*)/s, (value, target) =>
    conversion(value!, target!),
  ),
  is(/invalid (?:timestamp|date|time)|(?:timestamp|date|time) field value|Could not parse string|strptime/i, badDate),
  is(/Casting value .* failed: value is out of range|out of range|Overflow|overflow/s, overflow),
  is(/Current transaction is aborted/, () =>
    say(
      3930,
      'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
    ),
  ),
  is(/TransactionContext Error.*[Cc]onflict|write-write conflict|[Cc]onflict on (?:update|tuple|table)/s, () =>
    say(
      1205,
      'Transaction conflicted with another transaction that changed the same rows and has been chosen as the victim. Rerun the transaction.',
      13,
    ),
  ),
  is(/(?:Table|View|Index|Schema|Sequence|Type) with name "?(.+?)"? already exists/s, (name) =>
    say(2714, `There is already an object named '${name}' in the database.`),
  ),
  is(/(?:Table|View) with name (.+?) does not exist/s, (name) => say(208, `Invalid object name '${name}'.`)),
  is(/Referenced column "(.+?)" not found/s, (name) => say(207, `Invalid column name '${name}'.`)),
  is(/column "(.+?)" must appear in the GROUP BY clause/s, (name) =>
    say(
      8120,
      `Column '${name}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.`,
    ),
  ),
  is(/More than one row returned by a subquery|returned more than one row|scalar subquery/i, () =>
    say(512, 'Subquery returned more than 1 value. This is not permitted when the subquery is used as an expression.'),
  ),
  is(/Dependency Error|depend on it/, () =>
    say(
      3729,
      'Cannot drop or change the object because it is being referenced by another object, such as an index or a key.',
    ),
  ),
  is(/Out of Memory|~701~|maximum supported string size|Cannot create a string of size/i, () =>
    say(
      701,
      "There is insufficient system memory to run this query: it needs more than the sandbox's SQL server lets one database have.",
      17,
    ),
  ),
  is(/No space left|Could not write/i, () =>
    say(1105, 'Could not allocate space: the disk of the sandbox is full.', 17),
  ),
];

/** The error of a statement, from what the engine threw. */
export const readFailure = (thrown: unknown): SqlError | Cancelled => {
  if (thrown instanceof SqlError || thrown instanceof Cancelled) return thrown;
  const message = messageOf(thrown);
  if (/INTERRUPT|Interrupted/.test(message)) return new Cancelled();
  for (const { pattern, read } of readers) {
    const found = pattern.exec(message);
    if (found) return read(found);
  }
  const [first = ''] = message.split('\n');
  return say(
    40517,
    `The statement is not supported by Postern's sandbox SQL server. Its engine says: ${first.slice(0, 500)}`,
  );
};

// Looking around in a database: its schemas at the top, and in each its tables and views.
import { type LookModule, nothingIn } from '../look.ts';
import type { Properties } from '../property.ts';
import { type Database, literal } from './session.ts';

/** What every database keeps for itself. */
const own = "TABLE_SCHEMA NOT IN ('pg_catalog', 'information_schema', 'INFORMATION_SCHEMA', 'sys')";

const statement = (schema: string): string =>
  schema === ''
    ? `SELECT DISTINCT TABLE_SCHEMA FROM INFORMATION_SCHEMA.TABLES WHERE ${own} ORDER BY TABLE_SCHEMA`
    : `SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE ${own} AND TABLE_SCHEMA = ${literal(schema)} ORDER BY TABLE_NAME`;

/** Makes the `look` of a connector. */
export const databaseLook = (openDatabase: (linkedService: Properties) => Database): LookModule['look'] =>
  async function* (linkedService, schema, signal) {
    const session = await openDatabase(linkedService).connect(signal);
    try {
      let isThere = schema === '';
      for await (const { rows } of session.rows({ text: statement(schema) }, signal))
        for (const [value] of rows) {
          const name = String(value);
          isThere = true;
          yield schema === ''
            ? { name, kind: 'Schema', path: name }
            : { name, kind: 'Table', path: `${schema}/${name}` };
        }
      if (!isThere) throw nothingIn(schema);
    } finally {
      await session.close();
    }
  };

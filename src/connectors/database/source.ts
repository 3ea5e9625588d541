// A table or a query as a source of rows.
import type { RowSource } from '../row/row-store.ts';
import type { Database } from './session.ts';

/** What is read: `name` is for messages. */
export type Reading = { name: string; text: string };

/** Opens it as a source. Its rows are fetched as they are taken, and the connection ends with the reading. */
export const databaseSource = (database: Database, { name, text }: Reading): RowSource => ({
  name: `${name} (${database.name})`,
  async *read(_wanted, signal) {
    const session = await database.connect(signal);
    try {
      yield* session.rows(text, signal);
    } finally {
      await session.close();
    }
  },
});

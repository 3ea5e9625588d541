// A table or a query as a source of rows.
import type { RowSource } from '../row/row-store.ts';
import type { Database, Reading, Session } from './session.ts';

/** How a source is read: `name` is for messages, `look` finds out what to read, where that takes a question to the database. */
export type SourcePlan = { name: string; look(session: Session, signal: AbortSignal): Promise<Reading> };

/** Opens it as a source. Its rows are fetched as they are taken, and the connection ends with the reading. */
export const databaseSource = (database: Database, { name, look }: SourcePlan): RowSource => ({
  name: `${name} (${database.name})`,
  async *read(_wanted, signal) {
    const session = await database.connect(signal);
    try {
      yield* session.rows(await look(session, signal), signal);
    } finally {
      await session.close();
    }
  },
});

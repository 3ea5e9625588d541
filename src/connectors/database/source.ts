// A table or a query as a source of rows.
import { choiceAt, type Properties } from '../property.ts';
import type { RowSource } from '../row/row-store.ts';
import type { Database, Session, Statement } from './session.ts';

/** How a source is read: `name` is for messages, `look` finds out what to read, where that takes a question to the database. */
export type SourcePlan = { name: string; look(session: Session, signal: AbortSignal): Promise<Statement> };

/** What a query of a partitioned source leaves to be filled in. */
const condition = /\?A?DfDynamicRangePartitionCondition\b/gi;

/**
 * A query as it is read here: as one stream, whatever `partitionOption` says. The partitions of Azure are for its speed; all
 * of them together are the same rows.
 */
export const wholeQuery = (settings: Properties, query: string): string => {
  choiceAt(settings, 'partitionOption', ['None', 'PhysicalPartitionsOfTable', 'DynamicRange']);
  return query.replace(condition, '1 = 1');
};

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

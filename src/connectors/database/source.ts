// A table or a query as a source of rows, read as one or in parts.
import type { RowSource } from '../row/row-store.ts';
import { divide, type Part, type Readable } from './divide.ts';
import { fillPlaces, type Partitioning } from './partition.ts';
import type { Database, Session, Statement } from './session.ts';

/** How a source is read. */
export type SourcePlan = {
  /** For messages. */
  name: string;
  /** What to read: of a part only its rows. May ask the database. */
  look(session: Session, signal: AbortSignal, part: Part | undefined): Promise<Statement>;
  /** Undefined: it is never divided. */
  division: { read: Readable; partitioning: Partitioning } | undefined;
};

/** A query that is read as one. */
export const wholeQuery = (query: string): string => fillPlaces(query, { condition: '(1 = 1)' });

/** Opens it as a source. Its rows are fetched as they are taken, and a connection ends with its reading. */
export const databaseSource = (database: Database, { name, look, division }: SourcePlan): RowSource => {
  const partsOf = async (
    session: Session,
    count: number,
    signal: AbortSignal,
  ): Promise<readonly (Part | undefined)[]> => {
    if (!division) return [undefined];
    const { read, partitioning } = division;
    const parts = await divide(session, database.dialect, read, partitioning, count, signal);
    return parts.length > 0 ? parts : [undefined];
  };
  const source = (
    choose: (session: Session, signal: AbortSignal) => Promise<readonly (Part | undefined)[]>,
  ): RowSource => ({
    name: `${name} (${database.name})`,
    async *read(_wanted, signal) {
      const session = await database.connect(signal);
      try {
        for (const part of await choose(session, signal))
          yield* session.rows(await look(session, signal, part), signal);
      } finally {
        await session.close();
      }
    },
  });
  const whole = source((session, signal) => partsOf(session, 1, signal));
  if (!division) return whole;
  return {
    ...whole,
    parts: async (count, signal) => {
      const session = await database.connect(signal);
      try {
        const parts = await partsOf(session, count, signal);
        return parts.map((part) => source(async () => [part]));
      } finally {
        await session.close();
      }
    },
  };
};

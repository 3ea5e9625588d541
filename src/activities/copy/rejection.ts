// How many rows may be refused before a copy fails, where the sink has a limit for that.
import { ActivityError } from '../../base/error.ts';
import type { RejectLimit } from '../../connectors/row/loading.ts';

/** A row that was refused: its place among those that were tried with it. */
export type Rejected = { at: number; why: ActivityError };

/** The account of one copy. */
export type Rejections = {
  /** So many more rows were tried, and these of them refused. Throws when they are more than the limit. */
  tried(rows: number, rejected: readonly Rejected[]): void;
};

const exceeded = ({ code, name, most, sample }: RejectLimit, rejected: number, tried: number, why: ActivityError) =>
  new ActivityError(
    code,
    `The maximum reject threshold (${most} ${sample === undefined ? 'rows' : '%'}, ${name}) was exceeded: ${rejected} rows were rejected out of ${tried} rows that were tried. The last one: ${why.message}`,
    { details: [{ code: why.errorCode, message: why.message }] },
  );

/**
 * A number of rows may be reached and not exceeded. A percentage is looked at after each whole sample and never between, as
 * PolyBase does: of fewer rows than a sample any number may be refused.
 */
export const createRejections = (limit: RejectLimit): Rejections => {
  const { most, sample } = limit;
  let tried = 0;
  let rejected = 0;
  let last: ActivityError | undefined;
  const lookAt = (rows: number) => {
    const isSampled = sample !== undefined && rows > 0 && rows % sample === 0;
    const isExceeded = sample === undefined ? rejected > most : isSampled && rejected * 100 > most * rows;
    if (last && isExceeded) throw exceeded(limit, rejected, rows, last);
  };
  return {
    tried: (rows, given) => {
      // They are found column by column.
      const inOrder = given.toSorted((one, other) => one.at - other.at).values();
      let next = inOrder.next();
      const stopsAt = (at: number) => {
        for (; !next.done && next.value.at < at; next = inOrder.next()) {
          rejected += 1;
          last = next.value.why;
          if (sample === undefined) lookAt(tried + next.value.at + 1);
        }
      };
      for (let at = sample === undefined ? rows : sample - (tried % sample); at < rows; at += sample ?? rows) {
        stopsAt(at);
        lookAt(tried + at);
      }
      stopsAt(rows);
      tried += rows;
      lookAt(tried);
    },
  };
};

// What statements gave, as the output of a Script activity, within Azure's limits.
import type { JsonObject } from '../../base/json.ts';
import type { Effect, ResultListener } from '../../connectors/database/session.ts';
import type { Column } from '../../connectors/row/record-batch.ts';
import { rowObject } from '../lookup/row-object.ts';

const maxRows = 5000;
const maxBytes = 4 * 2 ** 20;

type ResultSet = { rowCount: number; rows: JsonObject[] };

/** Collects what scripts give, one after the other. */
export const createResult = (keepsLogs: boolean) => {
  const resultSets: ResultSet[] = [];
  const outputs: JsonObject = {};
  const logs: string[] = [];
  let columns: readonly Column[] = [];
  let rows = 0;
  let bytes = 0;
  let isTruncated = false;
  let affected = -1;
  /** Whether so many bytes more fit. */
  const takes = (more: number): boolean => {
    if (bytes + more > maxBytes) isTruncated = true;
    else bytes += more;
    return !isTruncated;
  };
  return {
    /** Takes what a script gives; of one that is no query, no rows. */
    listener: (isQuery: boolean): ResultListener => ({
      resultSet: (found) => {
        columns = found;
        if (isQuery) resultSets.push({ rowCount: 0, rows: [] });
      },
      row: (values) => {
        const set = resultSets.at(-1);
        if (!isQuery || !set) return;
        set.rowCount += 1;
        if (rows >= maxRows) isTruncated = true;
        if (isTruncated) return;
        const row = rowObject(columns, values);
        if (!takes(Buffer.byteLength(JSON.stringify(row)) + 1)) return;
        set.rows.push(row);
        rows += 1;
      },
      message: (text) => {
        if (keepsLogs && takes(Buffer.byteLength(text) + 1)) logs.push(text);
      },
    }),
    add: (effect: Effect) => {
      if (effect.rowsAffected >= 0) affected = Math.max(affected, 0) + effect.rowsAffected;
      for (const { name, type, value } of effect.outputs)
        outputs[name] = rowObject([{ name, type }], [value])[name] ?? null;
    },
    output: (): JsonObject => ({
      resultSetCount: resultSets.length,
      resultSets: resultSets.map(({ rowCount, rows: kept }) => ({ rowCount, rows: kept })),
      recordsAffected: affected,
      outputParameters: outputs,
      outputLogs: logs.join('\n'),
      outputLogsLocation: '',
      outputTruncated: isTruncated,
    }),
  };
};

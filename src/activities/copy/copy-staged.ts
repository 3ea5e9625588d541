// A copy into a table by way of interim files: all rows go to them first, and from there into the table.
import type { RowSink } from '../../connectors/row/row-store.ts';
import { forEachConcurrently } from './concurrent.ts';
import { copyToTable, type RowCopy } from './copy-rows.ts';
import { eachInput, type InputSource, parallelOf } from './each-input.ts';
import type { Interim } from './interim.ts';

/** Copies the source. `onStaged` is told when all rows are in the interim files. What is in the table at a failure may stay there. */
export const copyStaged = async (
  from: InputSource,
  interim: Interim,
  sink: RowSink,
  onStaged: () => void,
  signal: AbortSignal,
): Promise<void> => {
  const { plan, rows, onParallel } = from;
  await eachInput(from, signal, (input, inner, lane) => interim.write(rows, input, lane, inner));
  onStaged();
  const loading: RowCopy = {
    ...rows,
    // The rows are the sink's already.
    projection: { mappings: undefined, conversion: rows.projection.conversion, keeps: (type) => type, demands: [] },
    added: [],
    skipped: undefined,
    rejections: undefined,
    source: interim.read,
  };
  const inputs = interim.inputs();
  await forEachConcurrently(inputs, Math.min(parallelOf(plan), inputs.length), signal, (input, inner, lane) => {
    onParallel(lane + 1);
    return copyToTable(loading, input, sink, inner);
  });
};

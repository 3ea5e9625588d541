// The Copy activity inside a worker: opens both sides, chooses how to copy, counts, and tells how far it is.
import type { FileRequest } from '../../connectors/formats/definition.ts';
import type { ColumnType } from '../../connectors/row/column-type.ts';
import type { Column } from '../../connectors/row/record-batch.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { withoutAdditional } from './additional-column.ts';
import { forEachConcurrently } from './concurrent.ts';
import { readConversion } from './conversion.ts';
import { copyFiles } from './copy-files.ts';
import { copyToFile, copyToTable, fileInput, type RowCopy, tableInput, wantedColumns } from './copy-rows.ts';
import { createLanes } from './lane.ts';
import { type OpenSink, type OpenSource, openSink, openSource } from './open-side.ts';
import { copyOutput } from './output.ts';
import { type CopyPlan, filePath, hasRows, readPlan } from './plan.ts';
import type { ProjectionSettings } from './projection.ts';
import { createSkipLog, type SkipLog } from './skip-log.ts';
import { sourceFiles } from './source-file.ts';

const defaultParallelFiles = 4;
const progressMs = 250;

const projectionOf = (
  plan: CopyPlan,
  sink: OpenSink,
  demands: readonly Column[],
  onTruncation: () => void,
): ProjectionSettings => {
  const format = plan.sink.kind === 'files' ? plan.sink.format : undefined;
  const keeps = (type: ColumnType) => (sink.kind === 'table' ? sink.table.keeps(type) : (format?.keeps(type) ?? type));
  return {
    mappings: plan.translation.mappings,
    conversion: readConversion(plan.translator, onTruncation),
    keeps,
    fit: sink.kind === 'files' ? sink.fit : undefined,
    demands,
  };
};

const openSkipLog = async ({ faultTolerance }: CopyPlan, job: ActivityJob): Promise<SkipLog | undefined> => {
  const { skipsRows, log } = faultTolerance;
  if (!skipsRows) return undefined;
  const store = log && (await log.connector.files.open()).openFileStore(log.linkedService, log.location);
  return createSkipLog(log, job.name, job.jobId, store);
};

type Opened = { plan: CopyPlan; source: OpenSource; sink: OpenSink; rows: RowCopy; onParallel(count: number): void };

const copyAll = async ({ plan, source, sink, rows, onParallel }: Opened, signal: AbortSignal): Promise<void> => {
  if (source.kind === 'files' && plan.source.kind === 'files') {
    if (sink.kind === 'files' && plan.sink.kind === 'files') {
      await copyFiles(
        { plan: { ...plan, source: plan.source, sink: plan.sink }, source, sink, rows, onParallel },
        signal,
      );
      return;
    }
    const lanes = createLanes(Math.min(plan.parallelCopies ?? defaultParallelFiles, 8), plan);
    const files = sourceFiles(source.store, plan.source.selection, signal);
    const from = plan.source;
    await forEachConcurrently(files, lanes.length, signal, async (file, inner, lane) => {
      onParallel(lane + 1);
      if (sink.kind !== 'table' || !source.reader) return;
      const input = fileInput(source, source.reader, file, lanes[lane]!.read, rows.request, filePath(from, file));
      await copyToTable(rows, input, sink.table, inner);
    });
    return;
  }
  if (source.kind !== 'table') return;
  const input = tableInput(source.table, rows.request);
  if (sink.kind === 'table') await copyToTable(rows, input, sink.table, signal);
  else if (plan.sink.kind === 'files' && sink.writer) {
    const [lane] = createLanes(1, plan);
    const path = plan.sink.destination.mergedPath('');
    await copyToFile(rows, [input], { ...sink, writer: sink.writer }, path, lane!, signal, plan.sink.maxRows);
  }
};

/** Runs the job to its output. Errors: `ActivityError`. Of files, what was not finished when it ends early is not visible. */
export const run = async (job: ActivityJob, context: ActivityContext) => {
  const startedAt = new Date();
  const since = performance.now();
  const plan = readPlan(job);
  const [source, sink, skipped] = await Promise.all([
    openSource(plan.source),
    openSink(plan.sink, plan.validates),
    openSkipLog(plan, job),
  ]);
  let truncatedValues = 0;
  let parallelCopies = 1;
  const demands = sink.kind === 'table' ? ((await sink.table.prepare?.(context.signal)) ?? sink.table.demands) : [];
  const projection = projectionOf(plan, sink, demands, () => {
    truncatedValues += 1;
  });
  const countsRows = hasRows(plan.source);
  const output = (status: 'InProgress' | 'Succeeded') =>
    copyOutput(
      source.tally,
      sink.tally,
      {
        startedAt,
        elapsedMs: performance.now() - since,
        effectiveIntegrationRuntime: job.effectiveIntegrationRuntime,
        sourceType: plan.source.connector.type,
        sinkType: plan.sink.connector.type,
        readsFiles: source.kind === 'files',
        writesFiles: sink.kind === 'files',
        countsRows,
        truncatedValues,
        skipped: skipped && {
          rows: skipped.rows,
          path: skipped.shownPath(),
          isRedirect: plan.faultTolerance.log?.isRedirect,
        },
        parallelCopies,
        dataIntegrationUnits: plan.dataIntegrationUnits,
        verification: !plan.validates ? 'NotVerified' : countsRows ? 'Unsupported' : 'Verified',
      },
      status,
    );
  const timer = setInterval(() => context.progress(output('InProgress')), progressMs);
  try {
    const { added } = plan.source;
    const request: FileRequest = {
      wanted: withoutAdditional(wantedColumns(projection), added),
      collection: plan.translation.collection,
      asText: plan.sink.kind === 'files' && plan.sink.format?.writesText,
      ...(skipped && {
        onBadRow: (...row) => {
          source.tally.rows += 1;
          skipped.skip(...row);
        },
      }),
    };
    const rows: RowCopy = { projection, request, added, skipped, source: source.tally, sink: sink.tally };
    const onParallel = (count: number) => {
      parallelCopies = Math.max(parallelCopies, count);
    };
    await copyAll({ plan, source, sink, rows, onParallel }, context.signal);
    await skipped?.end(context.signal);
    return output('Succeeded');
  } catch (error) {
    // What is known of the rows so far may say why.
    if (!context.signal.aborted) await skipped?.end(context.signal).catch(() => {});
    throw error;
  } finally {
    clearInterval(timer);
  }
};

// The Copy activity inside a worker: opens both sides, chooses how to copy, counts, and tells how far it is.
import type { FileRequest } from '../../connectors/formats/definition.ts';
import type { ColumnType } from '../../connectors/row/column-type.ts';
import { chained } from '../../connectors/row/fit.ts';
import type { Column } from '../../connectors/row/record-batch.ts';
import type { RowSink } from '../../connectors/row/row-store.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';
import { withoutAdditional } from './additional-column.ts';
import { readConversion } from './conversion.ts';
import { copyFiles } from './copy-files.ts';
import { copyParts } from './copy-parts.ts';
import { copyToTable, type RowCopy, wantedColumns } from './copy-rows.ts';
import { copyStaged } from './copy-staged.ts';
import { eachInput, type InputSource } from './each-input.ts';
import { createFileSkips, type FileSkips } from './file-skips.ts';
import { createFill } from './fill.ts';
import { type Interim, openInterim } from './interim.ts';
import { type OpenSink, openSink, openSource } from './open-side.ts';
import { copyOutput } from './output.ts';
import { type CopyPlan, hasRows, readPlan } from './plan.ts';
import type { ProjectionSettings } from './projection.ts';
import { createRejections } from './rejection.ts';
import { createSkipLog, type SkipLog } from './skip-log.ts';

const progressMs = 250;

const isText = (source: CopyPlan['source']): boolean =>
  source.kind === 'files' && source.format?.type === 'DelimitedText';

/** Where rows are left out that do not fit, all that can be known of them is known before they are written. */
const tableFit = ({ faultTolerance }: CopyPlan, table: RowSink): ProjectionSettings['fit'] => {
  if (!faultTolerance.skipsRows || !table.limits) return table.fit;
  return (column, settings) => chained([table.fit?.(column, settings), table.limits!(column, settings)]);
};

const projectionOf = (
  plan: CopyPlan,
  sink: OpenSink,
  demands: readonly Column[],
  onTruncation: () => void,
): ProjectionSettings => {
  const format = plan.sink.kind === 'files' ? plan.sink.format : undefined;
  const { dateOrder } = plan.loading;
  const keeps = (type: ColumnType) => (sink.kind === 'table' ? sink.table.keeps(type) : (format?.keeps(type) ?? type));
  return {
    mappings: plan.translation.mappings,
    conversion: { ...readConversion(plan.translator, onTruncation), ...(isText(plan.source) && { dateOrder }) },
    keeps,
    fit: sink.kind === 'files' ? sink.fit : tableFit(plan, sink.table),
    fill: createFill(plan.loading, demands, plan.staging !== undefined || isText(plan.source)),
    demands,
  };
};

const openSkipLog = async ({ faultTolerance }: CopyPlan, job: ActivityJob): Promise<SkipLog | undefined> => {
  const { skipsRows, skipsFiles, log } = faultTolerance;
  if (!skipsRows && !skipsFiles) return undefined;
  const store = log && (await log.connector.files.open()).openFileStore(log.linkedService, log.location);
  return createSkipLog(log, job.name, job.jobId, store);
};

type Opened = InputSource & {
  sink: OpenSink;
  interim: Interim | undefined;
  skips: FileSkips | undefined;
  onStaged(): void;
};

const copyAll = async (opened: Opened, signal: AbortSignal): Promise<void> => {
  const { plan, source, sink, rows, interim } = opened;
  if (sink.kind === 'table') {
    if (interim) await copyStaged(opened, interim, sink.table, opened.onStaged, signal);
    else await eachInput(opened, signal, (input, inner) => copyToTable(rows, input, sink.table, inner));
  } else if (source.kind === 'table') await copyParts({ ...opened, source }, sink, signal);
  else if (plan.source.kind === 'files' && plan.sink.kind === 'files')
    await copyFiles({ ...opened, plan: { ...plan, source: plan.source, sink: plan.sink }, source, sink }, signal);
};

/** Runs the job to its output. Errors: `ActivityError`. Of files, what was not finished when it ends early is not visible. */
export const run = async (job: ActivityJob, context: ActivityContext) => {
  const startedAt = new Date();
  const since = performance.now();
  const plan = readPlan(job);
  const [source, sink, log, interim] = await Promise.all([
    openSource(plan.source),
    openSink(plan.sink, plan.validates),
    openSkipLog(plan, job),
    plan.staging && openInterim(plan.staging, job),
  ]);
  const { skipsRows, skipsFiles } = plan.faultTolerance;
  const skipped = skipsRows ? log : undefined;
  const { rejects } = plan.loading;
  const rejections = skipped && rejects && createRejections(rejects);
  const skips = log && skipsFiles && createFileSkips(skipsFiles, log);
  let stagedMs: number | undefined;
  let leftFiles: string[] = [];
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
        loading: plan.loading.facts,
        truncatedValues,
        skipped: {
          rows: skipped?.rows,
          files: skips?.count ?? 0,
          hasInconsistent: skips?.hasInconsistent ?? false,
          path: log?.shownPath(),
          isRedirect: plan.faultTolerance.log?.isRedirect ?? false,
        },
        staging: interim && { ...interim, storeType: plan.staging!.connector.type, stagedMs, leftFiles },
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
        onBadRow: (why, values) => {
          source.tally.rows += 1;
          skipped.skip(why, values);
          rejections?.tried(1, [{ at: 0, why }]);
        },
      }),
    };
    const tallies = { source: source.tally, sink: sink.tally };
    const rows: RowCopy = { projection, request, added, skipped, rejections, ...tallies };
    const onParallel = (count: number) => {
      parallelCopies = Math.max(parallelCopies, count);
    };
    const onStaged = () => {
      stagedMs = performance.now() - since;
    };
    await copyAll({ plan, source, sink, rows, interim, skips, onParallel, onStaged }, context.signal);
    await log?.end(context.signal);
    leftFiles = (await interim?.remove()) ?? [];
    await interim?.sweep();
    return output('Succeeded');
  } catch (error) {
    await interim?.remove();
    // What is known so far of what was skipped may say why.
    if (!context.signal.aborted) await log?.end(context.signal).catch(() => {});
    throw error;
  } finally {
    clearInterval(timer);
  }
};

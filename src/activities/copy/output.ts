import type { JsonObject } from '../../base/json.ts';
import type { SideTally } from './tally.ts';

/** What the output says beside the tallies. */
export type CopyFacts = {
  startedAt: Date;
  elapsedMs: number;
  effectiveIntegrationRuntime: string;
  sourceType: string;
  sinkType: string;
  /** Files are counted only on a side that has them. */
  readsFiles: boolean;
  writesFiles: boolean;
  /** Values that lost precision on their way into another type. */
  truncatedValues: number;
  /** Rows that did not fit and were skipped, where that was asked for, and the log of them. */
  skipped: { rows: number; path: string | undefined; isRedirect: boolean | undefined } | undefined;
  /** Rows are counted only where files are read as rows. */
  countsRows: boolean;
  parallelCopies: number;
  dataIntegrationUnits: number;
  /** Whether the activity asked that the data be checked: every block is, by its MD5 sum. */
  verification: 'Verified' | 'NotVerified' | 'Unsupported';
};

const seconds = (ms: number) => Math.round(ms / 1000);
const rounded = (value: number) => Math.round(value * 1000) / 1000;

/** The output of a Copy activity, with Azure's names: bytes, whole seconds, KB/s. While it runs, what is known so far. */
export const copyOutput = (
  source: SideTally,
  sink: SideTally,
  facts: CopyFacts,
  status: 'InProgress' | 'Succeeded',
): JsonObject => {
  const copyDuration = Math.max(1, seconds(facts.elapsedMs));
  const billedHours = (facts.dataIntegrationUnits * Math.ceil(facts.elapsedMs / 60_000)) / 60;
  const transfer = {
    readingFromSource: { type: facts.sourceType, workingDuration: seconds(source.workingMs()) },
    writingToSink: { type: facts.sinkType, workingDuration: seconds(sink.workingMs()) },
  };
  return {
    dataRead: source.bytes,
    dataWritten: sink.bytes,
    ...(facts.readsFiles && { filesRead: source.files, filesSkipped: 0 }),
    ...(facts.writesFiles && { filesWritten: sink.files }),
    sourcePeakConnections: source.peakConnections,
    sinkPeakConnections: sink.peakConnections,
    ...(facts.countsRows && { rowsRead: source.rows, rowsCopied: sink.rows }),
    ...(facts.skipped && { rowsSkipped: facts.skipped.rows }),
    ...(facts.skipped?.path !== undefined && {
      [facts.skipped.isRedirect ? 'redirectRowPath' : 'logFilePath']: facts.skipped.path,
    }),
    ...(facts.truncatedValues > 0 && { typeConversion: { valuesTruncated: facts.truncatedValues } }),
    copyDuration,
    throughput: rounded(source.bytes / 1024 / Math.max(facts.elapsedMs / 1000, 0.001)),
    errors: [],
    effectiveIntegrationRuntime: facts.effectiveIntegrationRuntime,
    usedDataIntegrationUnits: facts.dataIntegrationUnits,
    billingReference: {
      activityType: 'DataMovement',
      billableDuration: [{ meterType: 'ManagedVNetIR', duration: rounded(billedHours), unit: 'DIUHours' }],
    },
    usedParallelCopies: facts.parallelCopies,
    dataConsistencyVerification: {
      VerificationResult: facts.verification,
      ...(facts.verification === 'Verified' && { InconsistentData: 'None' }),
    },
    executionDetails: [
      {
        source: { type: facts.sourceType },
        sink: { type: facts.sinkType },
        status,
        start: facts.startedAt.toISOString(),
        duration: copyDuration,
        usedDataIntegrationUnits: facts.dataIntegrationUnits,
        usedParallelCopies: facts.parallelCopies,
        profile: {
          queue: { status: 'Completed', duration: 0 },
          transfer: {
            status: status === 'Succeeded' ? 'Completed' : status,
            duration: copyDuration,
            details: {
              listingSource: { type: facts.sourceType, workingDuration: seconds(source.listingMs) },
              ...transfer,
            },
          },
        },
        detailedDurations: { queuingDuration: 0, transferDuration: copyDuration },
      },
    ],
    durationInQueue: { integrationRuntimeQueue: 0 },
  };
};

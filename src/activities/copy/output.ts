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
  /** What the sink has to tell of how it was loaded. */
  loading: JsonObject;
  /** Values that lost precision on their way into another type. */
  truncatedValues: number;
  /** What was skipped, and the log of it; `rows` only where those that do not fit may be. */
  skipped: {
    rows: number | undefined;
    files: number;
    hasInconsistent: boolean;
    path: string | undefined;
    isRedirect: boolean;
  };
  /** Rows are counted only where files are read as rows. */
  countsRows: boolean;
  /** Where rows go by way of interim files: what was written there and read again. `stagedMs`: after so long all were there. */
  staging:
    | {
        storeType: string;
        written: SideTally;
        read: SideTally;
        stagedMs: number | undefined;
        leftFiles: readonly string[];
      }
    | undefined;
  parallelCopies: number;
  dataIntegrationUnits: number;
  /** Whether the activity asked that the data be checked: every block is, by its MD5 sum. */
  verification: 'Verified' | 'NotVerified' | 'Unsupported';
};

const seconds = (ms: number) => Math.round(ms / 1000);
const rounded = (value: number) => Math.round(value * 1000) / 1000;

/** One way that data take: from one store to another, in one go. */
type Leg = {
  from: { type: string; tally: SideTally };
  to: { type: string; tally: SideTally };
  status: 'InProgress' | 'Succeeded';
  /** Since the copy started, ms. */
  since: number;
  until: number;
};

const legsOf = (source: SideTally, sink: SideTally, facts: CopyFacts, status: Leg['status']): Leg[] => {
  const from = { type: facts.sourceType, tally: source };
  const to = { type: facts.sinkType, tally: sink };
  const { staging, elapsedMs } = facts;
  if (!staging) return [{ from, to, status, since: 0, until: elapsedMs }];
  const { storeType: type, written, read, stagedMs } = staging;
  const there = { type, tally: written };
  if (stagedMs === undefined) return [{ from, to: there, status, since: 0, until: elapsedMs }];
  return [
    { from, to: there, status: 'Succeeded', since: 0, until: stagedMs },
    { from: { type, tally: read }, to, status, since: stagedMs, until: elapsedMs },
  ];
};

const executionDetail = ({ from, to, status, since, until }: Leg, facts: CopyFacts): JsonObject => {
  const duration = Math.max(1, seconds(until - since));
  return {
    source: { type: from.type },
    sink: { type: to.type },
    status,
    start: new Date(facts.startedAt.getTime() + since).toISOString(),
    duration,
    usedDataIntegrationUnits: facts.dataIntegrationUnits,
    usedParallelCopies: facts.parallelCopies,
    profile: {
      queue: { status: 'Completed', duration: 0 },
      transfer: {
        status: status === 'Succeeded' ? 'Completed' : status,
        duration,
        details: {
          listingSource: { type: from.type, workingDuration: seconds(from.tally.listingMs) },
          readingFromSource: { type: from.type, workingDuration: seconds(from.tally.workingMs()) },
          writingToSink: { type: to.type, workingDuration: seconds(to.tally.workingMs()) },
        },
      },
    },
    detailedDurations: { queuingDuration: 0, transferDuration: duration },
  };
};

/** The output of a Copy activity, with Azure's names: bytes, whole seconds, KB/s. While it runs, what is known so far. */
export const copyOutput = (
  source: SideTally,
  sink: SideTally,
  facts: CopyFacts,
  status: 'InProgress' | 'Succeeded',
): JsonObject => {
  const copyDuration = Math.max(1, seconds(facts.elapsedMs));
  const billedHours = (facts.dataIntegrationUnits * Math.ceil(facts.elapsedMs / 60_000)) / 60;
  return {
    dataRead: source.bytes,
    dataWritten: sink.bytes,
    ...(facts.readsFiles && { filesRead: source.files, filesSkipped: facts.skipped.files }),
    ...(facts.writesFiles && { filesWritten: sink.files }),
    sourcePeakConnections: source.peakConnections,
    sinkPeakConnections: sink.peakConnections,
    ...(facts.countsRows && { rowsRead: source.rows, rowsCopied: sink.rows }),
    ...(facts.skipped.rows !== undefined && { rowsSkipped: facts.skipped.rows }),
    ...(facts.skipped.path !== undefined && {
      [facts.skipped.isRedirect ? 'redirectRowPath' : 'logFilePath']: facts.skipped.path,
    }),
    ...(facts.truncatedValues > 0 && { typeConversion: { valuesTruncated: facts.truncatedValues } }),
    ...facts.loading,
    copyDuration,
    throughput: rounded(source.bytes / 1024 / Math.max(facts.elapsedMs / 1000, 0.001)),
    errors: (facts.staging?.leftFiles ?? []).map((path) => ({
      Code: 'InterimFileNotRemoved',
      Message: `The interim file '${path}' could not be removed from the staging store: remove it there.`,
    })),
    effectiveIntegrationRuntime: facts.effectiveIntegrationRuntime,
    usedDataIntegrationUnits: facts.dataIntegrationUnits,
    billingReference: {
      activityType: 'DataMovement',
      billableDuration: [{ meterType: 'ManagedVNetIR', duration: rounded(billedHours), unit: 'DIUHours' }],
    },
    usedParallelCopies: facts.parallelCopies,
    dataConsistencyVerification: {
      VerificationResult: facts.verification,
      ...(facts.verification === 'Verified' && {
        InconsistentData: facts.skipped.hasInconsistent ? 'Skipped' : 'None',
      }),
    },
    executionDetails: legsOf(source, sink, facts, status).map((leg) => executionDetail(leg, facts)),
    durationInQueue: { integrationRuntimeQueue: 0 },
  };
};

import type { Measure } from './harness/measure.ts';
import { activity } from './measure/activity.ts';
import { arm } from './measure/arm.ts';
import { copy, copyCpu, copySmall, copySmallCpu } from './measure/copy-blob.ts';
import { copyParquet } from './measure/copy-parquet.ts';
import { copySql, copySqlParquet } from './measure/copy-sql.ts';
import { endpointMemory } from './measure/endpoint-memory.ts';
import { connectionRate, connectLatency, requestLatency } from './measure/latency.ts';
import { relayMany, relayOne } from './measure/relay.ts';
import { relayCpuMany, relayCpuOne } from './measure/relay-cpu.ts';
import { revocation } from './measure/revocation.ts';
import { workerStart } from './measure/worker-start.ts';

/** Every measure, in the order in which they run and are read. */
export const measures: readonly Measure[] = [
  workerStart,
  relayOne,
  relayMany,
  relayCpuOne,
  relayCpuMany,
  requestLatency,
  connectLatency,
  connectionRate,
  endpointMemory,
  revocation,
  copy,
  copySmall,
  copyCpu,
  copySmallCpu,
  copyParquet,
  copySql,
  copySqlParquet,
  activity,
  arm,
];

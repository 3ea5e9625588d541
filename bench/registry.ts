import type { Measure } from './harness/measure.ts';
import { activity } from './measure/activity.ts';
import { arm } from './measure/arm.ts';
import { copy } from './measure/copy.ts';
import { copyParquet } from './measure/copy-parquet.ts';
import { copySmall } from './measure/copy-small.ts';
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
  copyParquet,
  copySql,
  copySqlParquet,
  activity,
  arm,
];

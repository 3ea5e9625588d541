import type { Measure } from './harness/measure.ts';
import { activity } from './measure/activity.ts';
import { arm } from './measure/arm.ts';
import { copy } from './measure/copy.ts';
import { copyParquet } from './measure/copy-parquet.ts';
import { connectLatency, requestLatency } from './measure/latency.ts';
import { relayMany, relayOne } from './measure/relay.ts';
import { revocation } from './measure/revocation.ts';
import { workerStart } from './measure/worker-start.ts';

/** Every measure, in the order in which they run and are read. */
export const measures: readonly Measure[] = [
  workerStart,
  relayOne,
  relayMany,
  requestLatency,
  connectLatency,
  revocation,
  copy,
  copyParquet,
  activity,
  arm,
];

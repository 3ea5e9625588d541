import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { createNetworkMeter } from './network-meter.ts';
import type { FlowRecord } from './policy/model.ts';

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
metrics.setGlobalMeterProvider(provider);
after(() => provider.shutdown());

const flow: FlowRecord = {
  id: 'a',
  worker: 'w',
  network: 'n',
  at: '2026-01-01T00:00:00.000Z',
  address: '10.77.0.4',
  port: 443,
  protocol: 'tcp',
  host: 'acmesales.blob.core.windows.net',
  verdict: 'allowed',
  code: 'Allowed.PrivateEndpoint',
  message: '',
  remedy: '',
  endpoint: null,
  bytesSent: 0,
  bytesReceived: 0,
  endedAt: null,
  end: null,
};

/** What was exported, by instrument: the value of each point with its attributes. */
const exported = async () => {
  await provider.forceFlush();
  const points = exporter
    .getMetrics()
    .at(-1)!
    .scopeMetrics.flatMap((scope) => scope.metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [
        [descriptor.name, ...Object.values(attributes)].join(' '),
        typeof value === 'object' ? value.sum : value,
      ]),
    );
  return Object.fromEntries(points);
};

test('flows are counted once, by verdict and code, and measured when they end; nothing says whose they were', async () => {
  const meter = createNetworkMeter();
  meter.flow(flow, true);
  assert.equal((await exported())['postern.flow.live'], 1);
  meter.flow({ ...flow, bytesSent: 10, bytesReceived: 90, endedAt: '2026-01-01T00:00:02.500Z', end: 'cut' }, false);
  meter.flow({ ...flow, id: 'b', verdict: 'denied', code: 'EndpointPending', endedAt: flow.at }, true);
  meter.applied(20, 1);
  assert.deepEqual(await exported(), {
    'postern.flow.decided allowed Allowed.PrivateEndpoint': 1,
    'postern.flow.decided denied EndpointPending': 1,
    'postern.flow.live': 0,
    'postern.flow.ended cut Allowed.PrivateEndpoint': 1,
    'postern.flow.bytes sent': 10,
    'postern.flow.bytes received': 90,
    'postern.flow.duration': 2.5,
    'postern.snapshot.duration': 0.02,
    'postern.flow.cut': 1,
  });
});

// Counters and histograms of the network, through the OpenTelemetry API: they cost nothing where nobody has registered
// a provider, and never carry a host name, an id or a secret.
import { metrics } from '@opentelemetry/api';
import type { FlowRecord } from './policy/model.ts';

/** Where the network reports what it does. */
export type NetworkMeter = {
  /** A flow that was decided (`isNew`), or that ended. */
  flow(record: FlowRecord, isNew: boolean): void;
  /** A snapshot that every gateway holds: how long that took, and how many live flows it cut. */
  applied(milliseconds: number, cut: number): void;
};

/** Instruments of the provider that is registered by now. Durations are seconds, volumes bytes. */
export const createNetworkMeter = (): NetworkMeter => {
  const meter = metrics.getMeter('postern.network');
  const decided = meter.createCounter('postern.flow.decided', {
    unit: '{flow}',
    description: 'Flows by verdict and code',
  });
  const live = meter.createUpDownCounter('postern.flow.live', {
    unit: '{flow}',
    description: 'Flows that carry traffic',
  });
  const ended = meter.createCounter('postern.flow.ended', {
    unit: '{flow}',
    description: 'Allowed flows by how they ended',
  });
  const carried = meter.createCounter('postern.flow.bytes', {
    unit: 'By',
    description: 'Bytes of ended flows by direction',
  });
  const lasted = meter.createHistogram('postern.flow.duration', {
    unit: 's',
    description: 'How long allowed flows lived',
  });
  const apply = meter.createHistogram('postern.snapshot.duration', {
    unit: 's',
    description: 'From a commit to its last gateway',
  });
  const cuts = meter.createCounter('postern.flow.cut', {
    unit: '{flow}',
    description: 'Live flows that a decision ended',
  });
  return {
    flow: (record, isNew) => {
      const { verdict, code } = record;
      if (isNew) decided.add(1, { verdict, code });
      if (isNew && record.endedAt === null) live.add(1);
      if (isNew || record.endedAt === null) return;
      live.add(-1);
      ended.add(1, { end: record.end ?? 'closed', code });
      carried.add(record.bytesSent, { direction: 'sent' });
      carried.add(record.bytesReceived, { direction: 'received' });
      lasted.record((Date.parse(record.endedAt) - Date.parse(record.at)) / 1000);
    },
    applied: (milliseconds, cut) => {
      apply.record(milliseconds / 1000);
      cuts.add(cut);
    },
  };
};

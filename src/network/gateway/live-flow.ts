// One allowed flow: dialled, relayed, ended. It is cut from outside when a decision changes.
import type { Socket } from 'node:net';
import type { Allow, Backend, Deny, Flow, FlowRecord } from '../policy/model.ts';
import { dial, readAccepted } from './buffered-socket.ts';
import { createRelay, reset } from './relay.ts';

/** How a flow ended, and what changes in its record by it. */
export type FlowOutcome = Pick<FlowRecord, 'end'> & Partial<FlowRecord>;

/** A flow that lives, from the decision to its end. */
export type LiveFlow = {
  flow: Flow;
  verdict: Allow;
  /** Resets both sides; after it resolves not one byte passes in either direction. `outcome` is recorded. */
  cut(outcome: FlowOutcome): Promise<void>;
};

/** What a live flow needs of its surroundings. */
export type FlowOptions = {
  accepted: Socket;
  flow: Flow;
  verdict: Allow;
  backend: Backend;
  record: FlowRecord;
  dialTimeoutMs: number;
  /** What to record if the backend does not answer. */
  unavailable: Deny;
  /** Called once, with the record completed. */
  ended(live: LiveFlow, record: FlowRecord): void;
};

/** Dials the backend and relays. The flow is live at once: a decision that changes while it is dialled cuts it too. */
export const startFlow = (options: FlowOptions): LiveFlow => {
  const { record } = options;
  let outcome: FlowOutcome = { end: 'closed' };
  let isEnded = false;
  let isCut = false;
  let isJoined = false;

  const finish = () => {
    if (isEnded) return;
    isEnded = true;
    clearTimeout(timeout);
    Object.assign(record, outcome, {
      bytesSent: relay.sent(),
      bytesReceived: relay.received(),
      endedAt: new Date().toISOString(),
    });
    options.ended(live, record);
  };
  const relay = createRelay({ client: () => client, upstream: () => upstream, closed: finish });
  const client = readAccepted(options.accepted, relay.fromClient);
  const upstream = dial(options.backend, relay.fromUpstream);

  const refuse = () => {
    if (isEnded || isCut) return;
    const { code, message, remedy } = options.unavailable;
    outcome = { end: 'failed', verdict: 'denied', code, message, remedy };
    finish();
    upstream.destroy();
    void reset(client);
  };
  const timeout = setTimeout(refuse, options.dialTimeoutMs);
  // Every socket needs a listener; what an error means is told by `close`.
  client.on('error', () => {});
  upstream.on('error', () => {});
  upstream.once('close', () => {
    if (!isJoined) refuse();
  });
  upstream.once('connect', () => {
    clearTimeout(timeout);
    if (isEnded || client.destroyed) {
      finish();
      return upstream.destroy();
    }
    isJoined = true;
    relay.join();
  });

  const live: LiveFlow = {
    flow: options.flow,
    verdict: options.verdict,
    cut: async (why) => {
      if (isEnded || isCut) return;
      isCut = true;
      outcome = why;
      // The store's side first: it is the store that must hear nothing more.
      await Promise.all([reset(upstream), reset(client)]);
      finish();
    },
  };
  return live;
};

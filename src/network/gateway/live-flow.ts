// One flow that the rules admit: its server name is read where one is needed, its host is resolved, dialled, relayed,
// ended. It lives from the first of these, so that a decision that changes cuts it at whatever stage it is.
import type { Socket } from 'node:net';
import type { Allow, Backend, Deny, Flow, FlowRecord, Verdict } from '../policy/model.ts';
import { readAccepted, type Take } from './buffered-socket.ts';
import { createHelloReader, type HelloReader } from './client-hello.ts';
import { type DialRace, startDialRace } from './dial-race.ts';
import { createHelloGate } from './hello-gate.ts';
import { createRelay, reset } from './relay.ts';

/** How a flow ended, and what changes in its record by it. */
export type FlowOutcome = Pick<FlowRecord, 'end'> & Partial<FlowRecord>;

/** What a flow that went out has moved by now. */
export type FlowBytes = Pick<FlowRecord, 'id' | 'bytesSent' | 'bytesReceived'>;

/** A flow that lives, from the decision to its end. */
export type LiveFlow = {
  /** What it is judged by; the server name is added once it is read. */
  readonly flow: Flow;
  readonly verdict: Allow;
  /** Null before it went out, when there is no record of it. */
  moved(): FlowBytes | null;
  /** Resets both sides; after it resolves not one byte passes in either direction. `outcome` is recorded. */
  cut(outcome: FlowOutcome): Promise<void>;
};

/** What a live flow needs of its surroundings. */
export type FlowOptions = {
  accepted: Socket;
  flow: Flow;
  verdict: Allow;
  /** Bounds of the reading of the server name, and of dialling. */
  helloTimeoutMs: number;
  dialTimeoutMs: number;
  judge(flow: Flow): Verdict;
  /** Where to dial a host of the internet, best first; checked, and dialled as they stand. Never rejects. */
  outside(flow: Flow): Promise<Backend[] | Deny>;
  /** The refusal of a flow whose backend does not answer. */
  unavailable(flow: Flow, because: string): Deny;
  recordOf(flow: Flow, verdict: Allow): FlowRecord;
  /** Called when it goes out, and again at its end, with the record completed. */
  report(record: FlowRecord): void;
  /** Called in place of `report` for one that does not get that far. */
  refused(flow: Flow, verdict: Deny): void;
  ended(live: LiveFlow): void;
};

/** Brings the flow on its way. */
export const startFlow = (options: FlowOptions): LiveFlow => {
  let { flow, verdict } = options;
  let record: FlowRecord | undefined;
  let outcome: FlowOutcome = { end: 'closed' };
  let isEnded = false;
  let isCut = false;
  let timer: NodeJS.Timeout | undefined;
  let race: DialRace | undefined;
  let upstream: Socket | undefined;
  const hello = verdict.code === 'Allowed.PublicHttps' && verdict.needsServerName ? createHelloReader() : null;

  const counted = () => ({ bytesSent: relay.sent(), bytesReceived: relay.received() });
  const finish = () => {
    if (isEnded) return;
    isEnded = true;
    clearTimeout(timer);
    race?.cancel();
    if (record) options.report(Object.assign(record, outcome, counted(), { endedAt: new Date().toISOString() }));
    options.ended(live);
  };
  const refuse = (denial: Deny) => {
    if (isEnded || isCut) return;
    const { code, message, remedy } = denial;
    if (record) outcome = { end: 'failed', verdict: 'denied', code, message, remedy };
    else options.refused(flow, denial);
    finish();
    void reset(client);
  };

  const relay = createRelay({ client: () => client, upstream: () => upstream!, closed: finish });
  let fromClient: Take = relay.fromClient;
  let fromUpstream: Take = relay.fromUpstream;
  const client = readAccepted(options.accepted, (bytes) => fromClient(bytes));
  // Every socket needs a listener; what an error means is told by `close`.
  client.on('error', () => {});
  client.once('close', () => {
    // Once joined, the relay sees to both.
    if (!upstream && !isCut) finish();
  });

  const dialOne = (candidates: readonly Backend[]) => {
    timer = setTimeout(() => refuse(options.unavailable(flow, 'it did not answer in time')), options.dialTimeoutMs);
    race = startDialRace(candidates, {
      take: (bytes) => fromUpstream(bytes),
      failed: (code) => refuse(options.unavailable(flow, `the connection failed (${code})`)),
      connected: (socket) => {
        clearTimeout(timer);
        upstream = socket;
        if (hello) guard(hello);
        else relay.join();
      },
    });
  };

  /** What the worker says behind its hello waits until the host has answered it. */
  const guard = (first: HelloReader) => {
    const gate = createHelloGate({
      behind: first.behind(),
      relay,
      admits: (serverName) => {
        flow = { ...flow, serverName };
        const judged = options.judge(flow);
        if (!judged.allow) refuse(judged);
        return judged.allow;
      },
      resume: () => client.resume(),
      opened: () => {
        fromClient = relay.fromClient;
        fromUpstream = relay.fromUpstream;
      },
    });
    fromClient = gate.fromClient;
    fromUpstream = gate.fromUpstream;
    relay.join(first.hello());
  };

  const goOut = () => {
    record = options.recordOf(flow, verdict);
    options.report(record);
    if (verdict.backend !== null) return dialOne([verdict.backend]);
    void options.outside(flow).then((found) => {
      if (isEnded || isCut) return;
      if (Array.isArray(found)) dialOne(found);
      else refuse(found);
    });
  };

  const judgeName = (serverName: string | null) => {
    clearTimeout(timer);
    client.off('end', nameless);
    fromClient = () => false;
    flow = { ...flow, serverName };
    const judged = options.judge(flow);
    if (!judged.allow) return refuse(judged);
    verdict = judged;
    goOut();
  };
  const nameless = () => judgeName(null);

  const live: LiveFlow = {
    get flow() {
      return flow;
    },
    get verdict() {
      return verdict;
    },
    moved: () => (record ? { id: record.id, ...counted() } : null),
    cut: async (why) => {
      if (isEnded || isCut) return;
      isCut = true;
      clearTimeout(timer);
      race?.cancel();
      record ??= options.recordOf(flow, verdict);
      outcome = why;
      // The store's side first: it is the store that must hear nothing more.
      await Promise.all([upstream && reset(upstream), reset(client)]);
      finish();
    },
  };

  if (hello === null) goOut();
  else {
    fromClient = (bytes) => {
      const name = hello.push(bytes);
      if (name === undefined) return true;
      judgeName(name);
      return false;
    };
    client.on('end', nameless);
    timer = setTimeout(nameless, options.helloTimeoutMs);
    client.resume();
  }
  return live;
};

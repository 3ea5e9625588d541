// One worker's namespace as its gateway sees it: accepts every connection, finds the name that was given for its
// address, decides, and lets it go its one way or resets it.
import { randomUUID } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { resolverAddress } from '../namespace/root-plan.ts';
import type { Listener, OpenNamespace } from '../namespace/seal.ts';
import type { CompiledSnapshot } from '../policy/compiled-snapshot.ts';
import { decide, decideResolved, denyUnavailable, isSameWay } from '../policy/decide.ts';
import { normalAddress } from '../policy/ip-address.ts';
import type { Allow, Backend, Deny, Flow, FlowRecord, Verdict } from '../policy/model.ts';
import { deny, denyName, type UnresolvedName } from '../policy/reason.ts';
import { resolve } from '../policy/resolve.ts';
import type { NameAnswer } from './dns-answer.ts';
import { serveDns } from './dns-server.ts';
import { type FlowBytes, type FlowOutcome, type LiveFlow, startFlow } from './live-flow.ts';
import { createNameBook } from './name-book.ts';
import { inTurns, ownAddresses, type ResolveName } from './outside-name.ts';
import { createRate } from './rate.ts';

/** Bounds of one worker, so that it cannot use up its gateway. */
export type PlaceLimits = { flows: number; names: number; helloTimeoutMs: number; dialTimeoutMs: number };

/** What one worker may have open at a time; 256 flows are at most 128 MiB of relay buffers, and all bulk flows of a gateway 48 MiB more. */
export const defaultLimits: PlaceLimits = {
  flows: 256,
  names: 4096,
  helloTimeoutMs: 3000,
  dialTimeoutMs: 5000,
};

const denials = { perSecond: 100, burst: 500 };
const maxRefusedNames = 100;

/** A namespace with its worker's flows. */
export type Place = {
  worker: string;
  network: string;
  /** Decides every live flow again by `snapshot`, and resolves to how many were cut once they are. */
  reconsider(): Promise<number>;
  /** What its live flows have moved by now. */
  moved(): FlowBytes[];
  /** Listens on what of these ports it does not yet. Rejects where it cannot; it may be asked again. */
  listenOn(ports: readonly number[]): Promise<void>;
  /** Cuts every flow and closes the namespace. Idempotent. */
  close(): Promise<void>;
};

/** Serves a namespace for a worker of `network`. `snapshot` is asked for each decision, `record` told of each. */
export const servePlace = (options: {
  namespace: OpenNamespace;
  worker: string;
  network: string;
  snapshot(): CompiledSnapshot;
  record(record: FlowRecord): void;
  resolveName: ResolveName;
  limits?: PlaceLimits;
}): Place => {
  const { namespace, worker, network, snapshot } = options;
  const limits = options.limits ?? defaultLimits;
  const names = createNameBook(limits.names);
  const flows = new Set<LiveFlow>();
  const refusedNames = new Set<string>();
  const mayRecord = createRate(denials);
  let unrecorded = 0;
  let isOpen = true;

  const recordOf = (flow: Flow, verdict: Allow | Deny): FlowRecord => {
    const at = new Date().toISOString();
    return {
      id: randomUUID(),
      worker,
      network,
      at,
      address: flow.address,
      port: flow.port,
      protocol: flow.protocol,
      host: flow.host,
      verdict: verdict.allow ? 'allowed' : 'denied',
      code: verdict.code,
      message: verdict.allow ? (verdict.audited ? `Allowed by audit: ${verdict.audited}` : '') : verdict.message,
      remedy: verdict.allow ? '' : verdict.remedy,
      endpoint: verdict.code === 'Allowed.PublicHttps' ? null : verdict.endpoint,
      ...(verdict.allow && verdict.audited && { audited: verdict.audited }),
      bytesSent: 0,
      bytesReceived: 0,
      endedAt: verdict.allow ? null : at,
      end: verdict.allow ? null : 'closed',
    };
  };

  /** A hostile worker can be refused a thousand times a second: beyond the rate refusals are counted, not kept. */
  const recordDenial = (flow: Flow, verdict: Deny) => {
    if (!mayRecord()) {
      unrecorded += 1;
      return;
    }
    const record = recordOf(flow, verdict);
    if (unrecorded > 0) record.message += ` (${unrecorded} more refusals before this one were not recorded.)`;
    unrecorded = 0;
    options.record(record);
  };

  const judge = (flow: Flow): Verdict => {
    const verdict = decide(snapshot(), flow);
    return verdict.allow && verdict.backend !== null && !isDialable(verdict.backend)
      ? denyUnavailable(snapshot(), flow)
      : verdict;
  };

  /** Resolves the host of a flow, once, and checks each address; the same ones are then dialled. */
  const outside = async (flow: Flow): Promise<Backend[] | Deny> => {
    let found: string[];
    try {
      found = await options.resolveName(flow.host!);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return denyUnavailable(snapshot(), flow, `its name could not be resolved (${code ?? 'no address'})`);
    }
    const own = ownAddresses();
    const refusals = found.map((address) => decideResolved(snapshot(), flow, address, own));
    const checked = inTurns(found.filter((_, at) => refusals[at] === null));
    const refusal = refusals.find((each) => each !== null && !each.allow);
    if (checked.length === 0 && refusal?.allow === false) return refusal;
    return checked.map((address) => ({ address, port: flow.port }));
  };

  const accept = (socket: Socket) => {
    socket.on('error', () => {});
    const { localAddress, localPort } = socket;
    if (!isOpen || localAddress === undefined || localPort === undefined) return void socket.destroy();
    const address = normalAddress(localAddress);
    const flow: Flow = { network, address, port: localPort, protocol: 'tcp', host: names.hostOf(address) };
    const verdict = flows.size >= limits.flows ? deny('TooManyFlows', flow) : judge(flow);
    if (!verdict.allow) {
      recordDenial(flow, verdict);
      return void socket.resetAndDestroy();
    }
    const live = startFlow({
      accepted: socket,
      flow,
      verdict,
      ...limits,
      judge,
      outside,
      unavailable: (refused, because) => denyUnavailable(snapshot(), refused, because),
      recordOf,
      report: options.record,
      refused: recordDenial,
      ended: (each) => flows.delete(each),
    });
    flows.add(live);
  };

  /** Names that are refused are worth a record each, once: as flows to the resolver. */
  const refuseName = (name: string, why: UnresolvedName): NameAnswer => {
    const shown = JSON.stringify(name.slice(0, 253)).slice(1, -1);
    if (!refusedNames.has(shown) && refusedNames.size < maxRefusedNames) {
      refusedNames.add(shown);
      const flow: Flow = { network, address: resolverAddress, port: 53, protocol: 'udp', host: shown };
      recordDenial(flow, denyName(flow, why));
    }
    return { kind: why === 'unknown' ? 'unknown' : 'refused' };
  };

  const lookUp = (name: string, isAddress: boolean): NameAnswer => {
    const found = resolve(snapshot(), network, name);
    switch (found.kind) {
      case 'illegal':
      case 'unknown':
        return refuseName(name, found.kind);
      case 'endpoint':
        names.remember(found.address, found.host);
        return { kind: 'address', chain: found.chain, address: found.address };
      case 'public': {
        if (!isAddress) return { kind: 'empty' };
        const address = names.addressFor(found.host);
        return address === null ? refuseName(name, 'full') : { kind: 'address', chain: [], address };
      }
    }
  };

  const stopDns = serveDns(namespace.dns, lookUp);
  const listening = new Set<number>();
  const serve = ({ port, server }: Listener) => {
    listening.add(port);
    server.on('connection', accept);
    server.on('error', () => {});
  };
  namespace.listeners.forEach(serve);

  return {
    worker,
    network,
    reconsider: async () => {
      const cuts: Promise<void>[] = [];
      for (const live of flows) {
        const verdict = judge(live.flow);
        if (!isSameWay(live.verdict, verdict)) cuts.push(live.cut(cutBy(verdict)));
      }
      await Promise.all(cuts);
      return cuts.length;
    },
    moved: () => [...flows].map((live) => live.moved()).filter((each) => each !== null),
    listenOn: async (ports) => {
      const missing = ports.filter((port) => !listening.has(port));
      if (missing.length === 0 || !isOpen) return;
      for (const port of missing) listening.add(port);
      try {
        (await namespace.listen(missing)).forEach(serve);
      } catch (error) {
        for (const port of missing) listening.delete(port);
        if (isOpen) throw error;
      }
    },
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      stopDns();
      await Promise.all([...flows].map((live) => live.cut({ end: 'closed' })));
      namespace.close();
    },
  };
};

const isDialable = ({ address, port }: Backend): boolean =>
  isIP(address) !== 0 && Number.isInteger(port) && port > 0 && port < 65536;

/** A flow that the new rules refuse is recorded as refused, and why; one whose way has changed is only cut. */
const cutBy = (verdict: Allow | Deny): FlowOutcome =>
  verdict.allow
    ? { end: 'cut', message: 'The way to the store has changed since this flow was allowed.' }
    : { end: 'cut', verdict: 'denied', code: verdict.code, message: verdict.message, remedy: verdict.remedy };

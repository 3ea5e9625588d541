// The sealed network in one value: the seal, the gateway processes, the places of workers and the log of flows.
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import { createFlowLog } from './flow-log.ts';
import { forkGateway, type GatewayProcess } from './gateway/gateway-process.ts';
import { launchWorker } from './namespace/launch.ts';
import { type PreparedSeal, prepareSeal, type SealOptions } from './namespace/prepare.ts';
import type { Jailed } from './namespace/seal.ts';
import { createNetworkMeter } from './network-meter.ts';
import type { FlowRecord, PublicHost, Snapshot } from './policy/model.ts';
import { changeOf, nothingKnown, type SnapshotChange } from './policy/snapshot-change.ts';
import type { SealedNetwork, WorkerPlace } from './sealed-network.ts';

/** What a sealed network is started with. */
export type NetworkOptions = {
  seal: SealOptions;
  log: Log;
  /** Gateway processes; at least two, so that one stream's bulk does not delay all others. Default: one less than the cores. */
  gateways?: number;
  /** Namespaces that each gateway keeps ready. */
  ready?: number;
  /** Public hosts that the operator vouches for; they are part of every snapshot. */
  publicHosts?: readonly PublicHost[];
  /** Name servers that resolve all other public hosts: address or address:port. Default: this machine's. */
  nameServers?: readonly string[];
};

/** A gateway that does not apply a snapshot within this time is ended: no flow of it may outlive a decision. */
const applyTimeoutMs = 5000;
const slowestRestartMs = 5000;

/** One gateway's seat: its process is replaced when it ends. `told` is the snapshot that the process was told last. */
type Seat = {
  process: GatewayProcess;
  told: Snapshot;
  places: Map<string, OpenPlace>;
  failures: number;
  ready: Promise<void>;
};
type OpenPlace = { end(): void };

const endTimeoutMs = 2000;

/** Lets a gateway go; ends it by force if it does not. */
const endGateway = async (gateway: GatewayProcess): Promise<void> => {
  gateway.release();
  const timer = setTimeout(gateway.kill, endTimeoutMs);
  await gateway.ended;
  clearTimeout(timer);
};

/** Prepares the seal and starts the gateways. Throws a StepFailure where this machine cannot seal a network. */
export const startNetwork = async (options: NetworkOptions): Promise<SealedNetwork> => {
  const { log } = options;
  const flows = createFlowLog();
  const meter = createNetworkMeter();
  const listeners = new Set<(flow: FlowRecord) => void>();
  const seats: Seat[] = [];
  const stopping = new AbortController();
  const { publicHosts = [], nameServers = [] } = options;
  let snapshot: Snapshot = { ...nothingKnown, publicHosts };
  let applying: Promise<unknown> = Promise.resolve();
  const prepared: PreparedSeal = await prepareSeal(options.seal);

  const hear = (records: readonly FlowRecord[]) => {
    for (const record of records) {
      meter.flow(record, !flows.has(record.id));
      flows.put(record);
      for (const listener of listeners) listener(record);
    }
  };

  const fill = (seat: Seat): void => {
    const gateway = forkGateway({
      flows: hear,
      trouble: (message) => log.warn({ gateway: gateway.pid, message }, 'a gateway has trouble'),
    });
    seat.process = gateway;
    seat.told = snapshot;
    seat.places = new Map();
    const question = { seal: prepared.seal, ready: options.ready ?? 2, nameServers, snapshot };
    seat.ready = gateway.ask('start', question).then(({ reading }) => {
      seat.failures = 0;
      log.debug({ gateway: gateway.pid, reading }, 'a gateway serves');
    });
    // Whoever opens a place awaits it; here it is only kept from being unhandled.
    seat.ready.catch(() => {});
    void gateway.ended.then(({ reason }) => lose(seat, gateway, reason));
  };

  /** A gateway that ends takes its flows with it; its workers can reach nothing any more, so they end too. */
  const lose = async (seat: Seat, gateway: GatewayProcess, reason: string): Promise<void> => {
    for (const place of seat.places.values()) place.end();
    endFlowsOf(gateway.pid);
    if (stopping.signal.aborted) return;
    log.error({ gateway: gateway.pid, reason, places: seat.places.size }, 'a gateway ended; another takes its seat');
    const wait = Math.min(slowestRestartMs, seat.failures === 0 ? 0 : 50 * 2 ** seat.failures);
    seat.failures += 1;
    if (wait > 0) await delay(wait, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    if (!stopping.signal.aborted) fill(seat);
  };

  const placeGateway = new Map<string, number>();
  const endFlowsOf = (pid: number) => {
    const endedAt = new Date().toISOString();
    const lost = flows.live().filter((record) => placeGateway.get(record.worker) === pid);
    hear(lost.map((record) => ({ ...record, endedAt, end: 'failed', message: 'The gateway of this flow ended.' })));
  };

  const count = Math.max(2, options.gateways ?? availableParallelism() - 1);
  for (let index = 0; index < count; index += 1) {
    const seat = { places: new Map(), failures: 0 } as unknown as Seat;
    seats.push(seat);
    fill(seat);
  }

  const applyTo = async (seat: Seat, next: Snapshot, change: SnapshotChange): Promise<number> => {
    const gateway = seat.process;
    const timer = setTimeout(() => {
      log.error({ gateway: gateway.pid }, 'a gateway did not apply a snapshot in time and is ended');
      gateway.kill();
    }, applyTimeoutMs);
    try {
      seat.told = next;
      return (await gateway.ask('apply', { change })).cut;
    } catch (error) {
      // Without an answer nothing is certain but death.
      log.error({ gateway: gateway.pid, reason: messageOf(error) }, 'a gateway did not apply a snapshot');
      gateway.kill();
      await gateway.ended;
      return 0;
    } finally {
      clearTimeout(timer);
    }
  };

  const leastLoaded = (): Seat =>
    seats.reduce((best, seat) => (seat.places.size < best.places.size ? seat : best), seats[0]!);

  const openPlaces = new Set<WorkerPlace>();
  const openOn = async (seat: Seat, worker: string, network: string): Promise<WorkerPlace> => {
    const id = randomUUID();
    let jailed: Promise<Jailed> | undefined;
    let closing: Promise<void> | undefined;
    const end = () => void jailed?.then((one) => one.kill()).catch(() => {});
    const gateway = seat.process;
    // Counted before it is there, so that many at once spread over the gateways.
    const places = seat.places;
    places.set(id, { end });
    placeGateway.set(worker, gateway.pid);
    try {
      await seat.ready;
      const { networkNamespace } = await gateway.ask('open', { place: id, worker, network });
      const close = async () => {
        const one = await jailed?.catch(() => undefined);
        one?.kill();
        await one?.exited;
        // A gateway that is gone has closed it.
        await gateway.ask('close', { place: id }).catch(() => {});
        places.delete(id);
        placeGateway.delete(worker);
        openPlaces.delete(place);
      };
      const place: WorkerPlace = {
        worker,
        network,
        launch: (program) => {
          if (closing) return Promise.reject(new Error(`the place of worker ${worker} is closed`));
          if (jailed) return Promise.reject(new Error(`worker ${worker} has been launched already`));
          jailed = launchWorker(prepared.seal, networkNamespace, program);
          return jailed;
        },
        close: () => {
          closing ??= close();
          return closing;
        },
      };
      openPlaces.add(place);
      return place;
    } catch (error) {
      places.delete(id);
      placeGateway.delete(worker);
      throw error;
    }
  };

  const network: SealedNetwork = {
    apply: async (given) => {
      const next = { ...given, publicHosts };
      if (next.version <= snapshot.version) {
        // What was given later may still be on its way; an answer means that it holds.
        await applying;
        return { cut: 0 };
      }
      snapshot = next;
      const asked = performance.now();
      // Nearly always all have been told the same.
      const changes = new Map([...new Set(seats.map(({ told }) => told))].map((told) => [told, changeOf(told, next)]));
      const cuts = Promise.all(seats.map((seat) => applyTo(seat, next, changes.get(seat.told)!)));
      applying = Promise.all([applying, cuts]);
      const cut = (await cuts).reduce((sum, each) => sum + each, 0);
      meter.applied(performance.now() - asked, cut);
      return { cut };
    },
    current: () => snapshot,
    open: async (worker, key) => {
      for (let attempt = 1; ; attempt += 1) {
        if (stopping.signal.aborted) throw new Error('the network is closed');
        try {
          return await openOn(leastLoaded(), worker, key);
        } catch (error) {
          // A gateway that ended meanwhile has, or soon will have, a successor.
          if (attempt === 3) throw error;
          await delay(50 * attempt);
        }
      }
    },
    flows: async (filter) => {
      const { network: of, worker } = filter;
      const question = { of: { ...(of !== undefined && { network: of }), ...(worker !== undefined && { worker }) } };
      const told = await Promise.all(seats.map((seat) => seat.process.ask('report', question).catch(() => null)));
      const moved = new Map(told.flatMap((each) => each?.moved ?? []).map((each) => [each.id, each]));
      // One that ended meanwhile has told its last count.
      return flows
        .find(filter)
        .map((record) => (record.endedAt === null ? { ...record, ...moved.get(record.id) } : record));
    },
    onFlow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      stopping.abort();
      await Promise.all([...openPlaces].map((place) => place.close()));
      await Promise.all(seats.map((seat) => endGateway(seat.process)));
      prepared.close();
    },
  };
  try {
    await Promise.all(seats.map((seat) => seat.ready));
  } catch (error) {
    await network.close();
    throw error;
  }
  return network;
};

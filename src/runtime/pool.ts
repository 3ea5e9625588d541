// The pools: one for each factory, runtime and network. Workers start cold on demand, serve one job at a time, stay
// warm for the runtime's time-to-live, and are never given to another pool.
import type { RuntimePlace, RuntimeStatus } from './runtime.ts';
import type { Worker } from './worker.ts';

/** A worker for one job. Give it back, whatever happened to it. */
export type Lease = { worker: Worker; warm: boolean; release(): void };

export type PoolLimits = { workersPerRuntime: number; workers: number; timeToLiveMs: number };

type Waiter = { resolve: (lease: Lease) => void; reject: (error: Error) => void };
type Member = { worker: Worker; use: 'idle' | 'busy' | 'ending'; idleTimer?: NodeJS.Timeout };
type Pool = {
  place: RuntimePlace;
  members: Set<Member>;
  /** Not yet ready; each will serve the longest waiting job of this pool. */
  starting: Map<string, Promise<Worker>>;
  waiting: Set<Waiter>;
  closing: boolean;
};

/** A pool that was dropped while a job waited in it. */
export class RuntimeRemoved extends Error {
  readonly code = 'RuntimeRemoved';
}

/** The first of `all` that is in `set`'s order; undefined where the set is empty. */
const first = <Item>(set: ReadonlySet<Item>): Item | undefined => set.values().next().value;

/** Pools over `start`, which brings one worker to its first word. */
export const createPools = (
  limits: PoolLimits,
  start: (place: RuntimePlace) => { id: string; worker: Promise<Worker> },
) => {
  const pools = new Map<string, Pool>();
  let workers = 0;
  let stopped = false;

  const poolOf = (place: RuntimePlace): Pool => {
    const key = JSON.stringify([place.factoryKey, place.runtimeName.toLowerCase(), place.network]);
    const known = pools.get(key);
    const pool = known ?? { place, members: new Set(), starting: new Map(), waiting: new Set(), closing: false };
    pool.place = place;
    if (!known) pools.set(key, pool);
    return pool;
  };

  const end = (member: Member, errorCode: string, why: string) => {
    clearTimeout(member.idleTimer);
    member.use = 'ending';
    return member.worker.end(errorCode, why);
  };

  const take = (pool: Pool, member: Member, warm: boolean, waiter: Waiter) => {
    clearTimeout(member.idleTimer);
    member.use = 'busy';
    pool.waiting.delete(waiter);
    let given = false;
    const release = () => {
      if (given) return;
      given = true;
      giveBack(pool, member);
    };
    waiter.resolve({ worker: member.worker, warm, release });
  };

  const giveBack = (pool: Pool, member: Member) => {
    // It was lost with its job: another takes its place once it is gone.
    if (member.worker.isEnding()) return;
    const waiter = first(pool.waiting);
    if (pool.closing || stopped) return void end(member, 'RuntimeRemoved', 'The integration runtime was removed.');
    // Everything is taken and another runtime has nothing at all: this worker makes room for it.
    if (workers >= limits.workers && isStarving(pool))
      return void end(member, 'WorkerRetired', 'The worker made room.');
    if (waiter) return take(pool, member, true, waiter);
    member.use = 'idle';
    const timeToLiveMs = pool.place.timeToLiveMs ?? limits.timeToLiveMs;
    if (timeToLiveMs === 0) return void end(member, 'WorkerRetired', 'The worker reached its time to live.');
    member.idleTimer = setTimeout(
      () => void end(member, 'WorkerRetired', 'The worker reached its time to live.'),
      timeToLiveMs,
    ).unref();
    dispatch();
  };

  const isStarving = (but: Pool) =>
    [...pools.values()].some(
      (pool) => pool !== but && pool.waiting.size > 0 && pool.members.size + pool.starting.size === 0,
    );

  const startFor = (pool: Pool) => {
    workers += 1;
    const { id, worker: starting } = start(pool.place);
    pool.starting.set(id, starting);
    const forget = () => {
      workers -= 1;
      if (pool.members.size + pool.starting.size + pool.waiting.size === 0)
        for (const [key, kept] of pools) if (kept === pool) pools.delete(key);
      dispatch();
    };
    starting.then(
      (worker) => {
        const member: Member = { worker, use: 'busy' };
        pool.starting.delete(id);
        pool.members.add(member);
        void worker.gone.then(() => {
          clearTimeout(member.idleTimer);
          pool.members.delete(member);
          forget();
        });
        const waiter = first(pool.waiting);
        if (waiter && !pool.closing && !stopped) take(pool, member, false, waiter);
        else giveBack(pool, member);
      },
      (error: Error) => {
        pool.starting.delete(id);
        const waiter = first(pool.waiting);
        if (waiter) pool.waiting.delete(waiter);
        waiter?.reject(error);
        forget();
      },
    );
  };

  /** Ends the longest idle worker of any pool; false where none is idle. */
  const makeRoom = (): boolean => {
    for (const pool of pools.values())
      for (const member of pool.members)
        if (member.use === 'idle') {
          void end(member, 'WorkerRetired', 'The worker made room for another runtime.');
          return true;
        }
    return false;
  };

  const needsWorker = (pool: Pool) =>
    !pool.closing &&
    pool.waiting.size > pool.starting.size &&
    pool.members.size + pool.starting.size < limits.workersPerRuntime;

  /** Gives out workers in turns, one each: a runtime with a long queue does not take what others wait for. */
  const dispatch = () => {
    if (stopped) return;
    const inNeed = () =>
      [...pools.values()]
        .filter(needsWorker)
        .sort((a, b) => a.members.size + a.starting.size - (b.members.size + b.starting.size))[0];
    for (let pool = inNeed(); pool; pool = inNeed()) {
      if (workers >= limits.workers) return void makeRoom();
      startFor(pool);
    }
  };

  return {
    /** A worker for one job, when there is one. Aborting gives up the place in the queue. */
    acquire: (place: RuntimePlace, signal: AbortSignal): Promise<Lease> => {
      const pool = poolOf(place);
      const { promise, resolve, reject } = Promise.withResolvers<Lease>();
      if (stopped || pool.closing) reject(new RuntimeRemoved('The integration runtime is being removed.'));
      else if (signal.aborted) reject(signal.reason);
      else {
        const giveUp = () => {
          if (pool.waiting.delete(waiter)) reject(signal.reason);
        };
        const waiter: Waiter = {
          resolve: (lease) => {
            signal.removeEventListener('abort', giveUp);
            resolve(lease);
          },
          reject: (error) => {
            signal.removeEventListener('abort', giveUp);
            reject(error);
          },
        };
        signal.addEventListener('abort', giveUp, { once: true });
        pool.waiting.add(waiter);
        const idle = [...pool.members].findLast((member) => member.use === 'idle' && !member.worker.isEnding());
        if (idle) take(pool, idle, true, waiter);
        else dispatch();
      }
      return promise;
    },

    status: (factoryKey: string, runtimeName: string): RuntimeStatus => {
      const status: RuntimeStatus = { nodes: [], running: 0, waiting: 0 };
      for (const pool of pools.values()) {
        const isHere =
          pool.place.factoryKey === factoryKey && pool.place.runtimeName.toLowerCase() === runtimeName.toLowerCase();
        if (!isHere) continue;
        status.waiting += pool.waiting.size;
        for (const nodeId of pool.starting.keys()) status.nodes.push({ nodeId, status: 'Starting', errors: [] });
        for (const { worker, use } of pool.members) {
          status.nodes.push({ nodeId: worker.id, status: use === 'ending' ? 'Recycling' : 'Available', errors: [] });
          if (use === 'busy') status.running += 1;
        }
      }
      return status;
    },

    /** Ends the workers of the pools that `isMeant`, and refuses what waits in them. */
    drop: async (isMeant: (place: RuntimePlace) => boolean): Promise<void> => {
      const ends: Promise<unknown>[] = [];
      for (const [key, pool] of pools) {
        if (!isMeant(pool.place)) continue;
        pool.closing = true;
        pools.delete(key);
        for (const waiter of pool.waiting) waiter.reject(new RuntimeRemoved('The integration runtime was removed.'));
        pool.waiting.clear();
        for (const starting of pool.starting.values())
          ends.push(
            starting.then(
              (worker) => worker.gone,
              () => {},
            ),
          );
        for (const member of pool.members)
          ends.push(end(member, 'RuntimeRemoved', 'The integration runtime was removed while the activity ran.'));
      }
      await Promise.all(ends);
    },

    stop: () => {
      stopped = true;
    },
  };
};

// Real attempts from a real worker. The worker is a new one, of a pool that no runtime shares: nothing that ran before
// can lie for it, no runtime waits for it, and every flow that the gateway records of it belongs to this probe.
import { randomUUID } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Attempt, type Sight, seenWords } from '../../activities/probe/attempt.ts';
import { probe } from '../../activities/probe/definition.ts';
import { authorizationFailed } from '../../arm/authorization/access.ts';
import type { Operation, Resource } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Database } from '../../database/database.ts';
import type { FlowRecord } from '../../network/policy/model.ts';
import type { SealedNetwork } from '../../network/sealed-network.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { createAtOnce } from '../at-once.ts';

/** What the questions about the network need of the house. */
export type NetworkRooms = {
  network: Pick<SealedNetwork, 'current' | 'flows'>;
  runtime: Runtime;
  database: Database;
};

/** What a probe brought back. What the worker says it saw is its word; the records are the gateway's. */
export type ProbeResult = { worker: string; sights: ReadonlyMap<string, Sight>; records: readonly FlowRecord[] };

/** A name that no runtime can have, so that its pool is nobody else's. */
const probeRuntime = '~probe';
const longestProbeMs = 120_000;
const mostProbesOfFactory = 2;
/** A probe sends traffic and takes a worker, as a run does: it takes the right to run something. */
const permission = 'Microsoft.DataFactory/factories/pipelines/createrun/action';

const Sights = Type.Object({
  sights: Type.Array(
    Type.Object({
      id: Type.String({ maxLength: 64 }),
      seen: Type.Enum([...seenWords]),
      detail: Type.String({ maxLength: 400 }),
    }),
    { maxItems: 2000 },
  ),
});
const sightsShape = Compile(Sights);

/** Whether a probe is asked for; throws `AuthorizationFailed` where the caller may not start work in the factory. */
export const wantsProbe = (operation: Operation, factory: Resource): boolean => {
  const { probe: asked } = operation.query;
  if (asked === undefined || asked === 'false') return false;
  if (asked !== 'true')
    throw new ServiceError(400, 'InvalidQueryParameter', "The query parameter 'probe' is true or false.", {
      target: 'probe',
    });
  if (!operation.may(permission, factory.id)) throw authorizationFailed(operation.caller, permission, factory.id);
  return true;
};

const atOnce = createAtOnce(
  mostProbesOfFactory,
  'TooManyProbes',
  'Probes of this factory are under way. Try again when they are done.',
);

const failed = (message: string) =>
  new ServiceError(503, 'ProbeFailed', `${message} Nothing is proved by it; try again.`);

const execute = async (
  { network, runtime }: NetworkRooms,
  place: { factory: Resource; network: string },
  attempts: readonly Attempt[],
): Promise<ProbeResult> => {
  const { factory } = place;
  const end = await runtime.execute(
    {
      jobId: randomUUID(),
      type: probe.type,
      name: 'probe',
      typeProperties: { attempts: attempts as unknown as JsonObject[] },
      inputs: [],
      outputs: [],
      linkedService: null,
      effectiveIntegrationRuntime: probeRuntime,
    },
    {
      factoryKey: factory.key,
      runtimeName: probeRuntime,
      network: place.network,
      region: factory.location ?? '',
      timeToLiveMs: 0,
    },
    { signal: AbortSignal.timeout(longestProbeMs) },
  );
  if (end.state === 'cancelled') throw failed(`The probe did not end within ${longestProbeMs / 1000} seconds.`);
  if (end.state === 'failed')
    throw failed(`The probe's worker failed: ${end.failure.errorCode}: ${end.failure.message}`);
  if (!sightsShape.Check(end.output)) throw failed("The probe's worker did not say what it saw.");
  const { sights } = end.output as Static<typeof Sights>;
  const worker = end.timing.worker ?? '';
  const records = await network.flows({ worker, limit: 2000 });
  return { worker, sights: new Map(sights.map((sight) => [sight.id, sight])), records };
};

/** Makes the attempts from a new worker of the network. Errors: 429 `TooManyProbes`, 503 `ProbeFailed`. */
export const runProbe = (
  rooms: NetworkRooms,
  place: { factory: Resource; network: string },
  attempts: readonly Attempt[],
): Promise<ProbeResult> => atOnce(place.factory.key, () => execute(rooms, place, attempts));

/** Whether an attempt got through, by what the worker saw of it. */
export const isThrough = (sight: Sight | undefined): boolean => sight?.seen === 'answered' || sight?.seen === 'open';

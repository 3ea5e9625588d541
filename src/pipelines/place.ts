// Where a job runs: the runtime that its linked services name, and the network that this runtime lives in.
import type { JsonObject } from '../base/json.ts';
import type { RuntimePlace } from '../runtime/runtime.ts';
import { networkOf, publicNetworkKey } from '../runtime/runtime-network.ts';
import {
  type Definition,
  defaultRuntime,
  objectOf,
  type Part,
  partOf,
  propertiesOf,
  referenceName,
} from './definition.ts';

/** An activity whose linked services leave no place to run it. */
export class NoPlace extends Error {
  readonly code = 'InvalidIntegrationRuntime';
}

const computeOf = (runtime: Part | undefined): JsonObject =>
  runtime ? objectOf(objectOf(propertiesOf(runtime).typeProperties).computeProperties) : {};

const timeToLiveMs = (compute: JsonObject, activityType: string): number | undefined => {
  const scale = activityType === 'Copy' ? 'copyComputeScaleProperties' : 'pipelineExternalComputeScaleProperties';
  const { timeToLive } = objectOf(compute[scale]);
  return typeof timeToLive === 'number' ? timeToLive * 60_000 : undefined;
};

const placeIn = (definition: Definition, runtimeName: string, activityType: string): RuntimePlace => {
  const runtime = partOf(definition.runtimes, runtimeName);
  const properties = runtime ? propertiesOf(runtime) : {};
  if (runtime && properties.type !== 'Managed')
    throw new NoPlace(
      `The integration runtime ${runtime.name} is of type ${properties.type}; activities run on runtimes of type Managed.`,
    );
  const network = networkOf(definition.factory.key, runtime ? { properties } : null);
  const { key, location } = definition.factory;
  const compute = computeOf(runtime);
  const named = typeof compute.location === 'string' && compute.location.toLowerCase() !== 'autoresolve';
  const timeToLive = timeToLiveMs(compute, activityType);
  return {
    factoryKey: key,
    runtimeName: runtime?.name ?? defaultRuntime,
    network: network ?? publicNetworkKey(key),
    region: named ? String(compute.location) : location,
    ...(timeToLive !== undefined && { timeToLiveMs: timeToLive }),
  };
};

/**
 * The one place for a job that uses these linked services: a worker is in one network, so they must share one.
 * Errors: `NoPlace` naming the runtimes.
 */
export const placeOf = (
  definition: Definition,
  linkedServices: readonly Part[],
  activityType: string,
): RuntimePlace => {
  const names = linkedServices.map((service) => referenceName(propertiesOf(service).connectVia) ?? defaultRuntime);
  const [first = placeIn(definition, defaultRuntime, activityType), ...rest] = names.map((name) =>
    placeIn(definition, name, activityType),
  );
  const other = rest.find((place) => place.network !== first.network);
  if (other)
    throw new NoPlace(
      `The linked services name integration runtimes in different networks, ${first.runtimeName} and ${other.runtimeName}. Let both name runtimes of one network in connectVia.`,
    );
  return first;
};

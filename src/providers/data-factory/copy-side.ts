// A copy runs in one worker, so both its sides must live in one network. Azure lets a mixed copy fail now and then;
// here it is refused when the pipeline is written and again when it starts.
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Tx } from '../../database/database.ts';
import { defaultRuntime } from '../../pipelines/definition.ts';
import { networkOf } from '../../runtime/runtime-network.ts';
import { type Activity, activitiesOf } from './activity.ts';
import { findReferenced } from './reference.ts';

type Side = { dataset: string; runtime: string; network: string | null };

const nameIn = (value: Json | undefined): string | null =>
  isJsonObject(value) && typeof value.referenceName === 'string' ? value.referenceName : null;

const propertiesOf = (body: JsonObject | undefined): JsonObject =>
  isJsonObject(body?.properties) ? body.properties : {};

const sideOf = async (tx: Tx, factoryKey: string, dataset: string): Promise<Side> => {
  const data = await findReferenced(tx, factoryKey, 'DatasetReference', dataset);
  const serviceName = nameIn(propertiesOf(data?.body).linkedServiceName) ?? '';
  const service = await findReferenced(tx, factoryKey, 'LinkedServiceReference', serviceName);
  const runtimeName = nameIn(propertiesOf(service?.body).connectVia) ?? defaultRuntime;
  const runtime = await findReferenced(tx, factoryKey, 'IntegrationRuntimeReference', runtimeName);
  return { dataset, runtime: runtimeName, network: networkOf(factoryKey, runtime?.body ?? null) };
};

const describe = (side: Side) => {
  const place = side.network?.split('/').slice(-2).join('/') ?? 'a self-hosted machine';
  return `dataset '${side.dataset}' on runtime '${side.runtime}' (${place.endsWith('/public') ? 'the public network' : place})`;
};

const datasetOf = (references: Json | undefined) => nameIn(Array.isArray(references) ? references[0] : undefined);

const requireOneSide = async (tx: Tx, factoryKey: string, { activity, path }: Activity) => {
  const names = [datasetOf(activity.inputs), datasetOf(activity.outputs)].filter((name) => name !== null);
  const [source, sink] = await Promise.all(names.map((name) => sideOf(tx, factoryKey, name)));
  if (!source || !sink || source.network === sink.network) return;
  throw new ServiceError(
    400,
    'BadRequest',
    `The copy activity '${activity.name}' reads ${describe(source)} and writes ${describe(sink)}. A copy runs in one network: let both linked services name runtimes of the same network in connectVia.`,
    { target: path },
  );
};

/** Refuses a pipeline with a copy whose two sides name runtimes in different networks. */
export const requireOneNetworkPerCopy = async (tx: Tx, factoryKey: string, pipeline: JsonObject): Promise<void> => {
  for (const activity of activitiesOf(pipeline))
    if (activity.activity.type === 'Copy') await requireOneSide(tx, factoryKey, activity);
};

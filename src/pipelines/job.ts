// From an activity to the job that a worker is sent: references followed, parameters bound, expressions replaced,
// secrets in clear.
import type { ActivityJob } from '../activities/job.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { ResolvedDataset, ResolvedLinkedService } from '../connectors/resolved.ts';
import type { Database } from '../database/database.ts';
import type { SecretKey } from '../database/secret.ts';
import { evaluate, type Scope } from '../expressions/evaluate.ts';
import { bindParameters } from '../expressions/parameter.ts';
import type { RuntimePlace } from '../runtime/runtime.ts';
import type { Activity } from './activity.ts';
import {
  activitiesOf,
  type Definition,
  objectOf,
  type Part,
  partOf,
  propertiesOf,
  referenceName,
  referencesIn,
} from './definition.ts';
import { isVaultSecret, type TokenUse, tokenUseOf, vaultHostOf, withAccess } from './identity.ts';
import { placeOf } from './place.ts';
import { holdsMask, withSecrets } from './secret.ts';

/** A token that a job needs: for a linked service in it, or for the vault at the host. */
export type TokenNeed = { use: TokenUse; service?: ResolvedLinkedService };

/** A reference to what the run has no copy of. */
export class ReferenceMissing extends Error {
  readonly code = 'ReferenceNotFound';
}

const find = (parts: Record<string, Part>, reference: Json | undefined, word: string): Part => {
  const name = referenceName(reference);
  const part = name === null ? undefined : partOf(parts, name);
  if (!part) throw new ReferenceMissing(`The ${word} ${name ?? '(not named)'} is not known to this run.`);
  return part;
};

/** The values that a reference gives to the parameters of what it names. */
const bind = (part: Part, reference: Json | undefined, scope: Scope, word: string): JsonObject => {
  const owner = `${word} ${part.name}`;
  const given = objectOf(evaluate(objectOf(objectOf(reference).parameters), scope, `parameters of ${owner}`));
  return bindParameters(objectOf(propertiesOf(part).parameters), given, owner);
};

/** A secret's reference names what is no Key Vault. */
export class NotAVault extends Error {
  readonly code = 'UserErrorInvalidProperty';
}

/** Builds the job of one attempt. Errors: those of expressions, parameters, references, secrets and places, each with a `code`. */
export const buildJob = async (
  db: Database,
  key: SecretKey,
  definition: Definition,
  activity: Activity,
  scope: Scope,
  jobId: string,
): Promise<{ job: ActivityJob; place: RuntimePlace; needs: readonly TokenNeed[] }> => {
  const used: Part[] = [];
  const vaultHosts = new Set<string>();
  const needs: TokenNeed[] = [];

  const linkedServiceOf = async (reference: Json | undefined, outer: Scope): Promise<ResolvedLinkedService> => {
    const stored = find(definition.linkedServices, reference, 'linked service');
    used.push(stored);
    const service = await resolve(stored, reference, outer);
    const use = tokenUseOf(service);
    const shown = withAccess(service);
    shown.typeProperties = objectOf(await withVaults(shown.typeProperties, service.name));
    if (use) needs.push({ use, service: shown });
    return shown;
  };

  const resolve = async (stored: Part, reference: Json | undefined, outer: Scope): Promise<ResolvedLinkedService> => {
    const part = await withSecrets(db, key, stored);
    const inner: Scope = { linkedService: bind(part, reference, outer, 'linked service') };
    const { type, typeProperties = {} } = propertiesOf(part);
    const values = objectOf(evaluate(typeProperties, inner, `linked service ${part.name}`));
    return { name: part.name, type: String(type), typeProperties: values };
  };

  /** Each reference to a secret in a vault with the vault's linked service in it. The worker fetches the secret. */
  const withVaults = async (value: Json, owner: string): Promise<Json> => {
    if (Array.isArray(value)) return Promise.all(value.map((item) => withVaults(item, owner)));
    if (!isJsonObject(value)) return value;
    if (!isVaultSecret(value)) {
      const entries = Object.entries(value).map(async ([name, item]) => [name, await withVaults(item, owner)] as const);
      return Object.fromEntries(await Promise.all(entries));
    }
    // Not among those that say where the job runs: the vault is reached from the network of the store.
    const vault = find(definition.linkedServices, value.store, 'linked service');
    const store = await resolve(vault, value.store, {});
    if (store.type !== 'AzureKeyVault')
      throw new NotAVault(
        `A secret of linked service '${owner}' is to come from '${store.name}', which is of type ${store.type} and not AzureKeyVault.`,
      );
    vaultHosts.add(vaultHostOf(store));
    return { ...value, store };
  };

  const datasetOf = async (reference: Json): Promise<ResolvedDataset> => {
    const part = await withSecrets(db, key, find(definition.datasets, reference, 'dataset'));
    const inner: Scope = { dataset: bind(part, reference, scope, 'dataset') };
    const { type, typeProperties = {}, linkedServiceName, schema } = propertiesOf(part);
    return {
      name: part.name,
      type: String(type),
      typeProperties: objectOf(evaluate(typeProperties, inner, `dataset ${part.name}`)),
      ...(Array.isArray(schema) && { schema: schema.filter(isJsonObject) }),
      linkedService: await linkedServiceOf(linkedServiceName, inner),
    };
  };

  const datasetsOf = async (references: Json | undefined): Promise<ResolvedDataset[]> => {
    const datasets: ResolvedDataset[] = [];
    for (const reference of Array.isArray(references) ? references : []) datasets.push(await datasetOf(reference));
    return datasets;
  };

  const written = holdsMask(activity.written)
    ? activitiesOf(await withSecrets(db, key, definition.pipeline))[activity.index]!
    : activity.written;
  // Activities that read one dataset name it in their typeProperties; a worker finds all that is read in one place.
  const own = objectOf(written.typeProperties).dataset;
  const inputs = [...(await datasetsOf(written.inputs)), ...(referenceName(own) ? [await datasetOf(own!)] : [])];
  const outputs = await datasetsOf(written.outputs);
  const linkedService = written.linkedServiceName ? await linkedServiceOf(written.linkedServiceName, scope) : null;
  if (linkedService?.type === 'AzureKeyVault') vaultHosts.add(vaultHostOf(linkedService));
  const typeProperties = objectOf(evaluate(written.typeProperties ?? {}, scope, `activities.${activity.name}`));
  const linkedServices: Record<string, ResolvedLinkedService> = {};
  for (const reference of referencesIn(typeProperties, 'LinkedServiceReference'))
    linkedServices[referenceName(reference)!.toLowerCase()] ??= await linkedServiceOf(reference, scope);
  const place = placeOf(definition, used, activity.type);
  const job: ActivityJob = {
    jobId,
    ...(scope.pipeline?.system.RunId !== undefined && { runId: scope.pipeline.system.RunId }),
    type: activity.type,
    name: activity.name,
    typeProperties,
    inputs,
    outputs,
    linkedService,
    ...(Object.keys(linkedServices).length > 0 && { linkedServices }),
    effectiveIntegrationRuntime: place.region ? `${place.runtimeName} (${place.region})` : place.runtimeName,
  };
  for (const host of vaultHosts) needs.push({ use: { kind: 'vault', host } });
  return { job, place, needs };
};

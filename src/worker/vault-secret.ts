// Secrets that a job names by their place in a key vault are fetched here, through the sealed network like everything
// else, before the activity begins.
import type { ActivityJob } from '../activities/job.ts';
import { ActivityError } from '../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { type Properties, propertyError, textAt } from '../connectors/property.ts';
import type { ResolvedLinkedService } from '../connectors/resolved.ts';

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** The job with the value of each secret in its place, and without the tokens. Throws an `ActivityError`. */
export const fetchVaultSecrets = async (job: ActivityJob, signal: AbortSignal): Promise<ActivityJob> => {
  const { vaultTokens, ...rest } = job;
  if (!vaultTokens) return job;
  const { readVaultSecret } = await import('../connectors/azure-key-vault/open.ts');
  const fetched = new Map<string, Promise<string>>();

  const fetchOne = (from: Properties): Promise<string> => {
    const baseUrl = String(objectOf(objectOf(from.values.store).typeProperties).baseUrl);
    const name = textAt(from, 'secretName');
    if (!name) throw propertyError(from, 'secretName', 'must name a secret of the vault');
    const version = textAt(from, 'secretVersion') || undefined;
    const host = URL.parse(baseUrl)?.host ?? '';
    const access = Object.hasOwn(vaultTokens, host) ? vaultTokens[host] : undefined;
    if (!access) throw new ActivityError('AzureKeyVaultUnauthorized', `There is no token for the vault ${baseUrl}.`);
    const key = JSON.stringify([host, name, version]);
    const known = fetched.get(key) ?? readVaultSecret({ baseUrl, name, version }, access, signal);
    fetched.set(key, known);
    return known;
  };

  const fill = async (value: Json, where: string): Promise<Json> => {
    if (Array.isArray(value)) {
      const items: Json[] = [];
      for (const [index, item] of value.entries()) items.push(await fill(item, `${where}[${index}]`));
      return items;
    }
    if (!isJsonObject(value)) return value;
    if (value.type === 'AzureKeyVaultSecret') return fetchOne({ values: value, where });
    const entries: [string, Json][] = [];
    for (const [name, item] of Object.entries(value)) entries.push([name, await fill(item, `${where}.${name}`)]);
    return Object.fromEntries(entries);
  };
  const open = async (service: ResolvedLinkedService): Promise<ResolvedLinkedService> => ({
    ...service,
    typeProperties: objectOf(await fill(service.typeProperties, `Linked service '${service.name}', typeProperties`)),
  });
  const openAll = async <Part extends { linkedService: ResolvedLinkedService }>(parts: readonly Part[]) => {
    const opened: Part[] = [];
    for (const part of parts) opened.push({ ...part, linkedService: await open(part.linkedService) });
    return opened;
  };
  const openNamed = async (services: Readonly<Record<string, ResolvedLinkedService>>) => {
    const opened: Record<string, ResolvedLinkedService> = {};
    for (const [name, service] of Object.entries(services)) opened[name] = await open(service);
    return opened;
  };
  return {
    ...rest,
    inputs: await openAll(job.inputs),
    outputs: await openAll(job.outputs),
    linkedService: job.linkedService && (await open(job.linkedService)),
    ...(job.linkedServices && { linkedServices: await openNamed(job.linkedServices) }),
  };
};

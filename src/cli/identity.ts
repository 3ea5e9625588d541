// Principals and their roles, as the `principal` commands see them: through the API, like everybody else.

import { isJsonObject, type JsonObject } from '../base/json.ts';
import { withoutSlashes } from '../base/text.ts';
import type { Client } from './client.ts';
import { CommandError } from './command-error.ts';

const authorization = 'providers/Microsoft.Authorization';
const version = 'api-version=2022-04-01';
const identity = '/providers/Postern.Identity/principals';
const identityVersion = 'api-version=2026-11-01';

/** The objects of a `value` array. */
export const values = (body: JsonObject): JsonObject[] =>
  Array.isArray(body.value) ? body.value.filter(isJsonObject) : [];

/** The object under `properties`. */
export const propertiesOf = (body: JsonObject): JsonObject => (isJsonObject(body.properties) ? body.properties : {});

/** A principal as the API shows it. */
export type Principal = { name: string; objectId: string; clientId: string };

/** All principals. */
export const listPrincipals = async (client: Client): Promise<Principal[]> =>
  values(await client.call('GET', `${identity}?${identityVersion}`)).map((item) => ({
    name: String(item.name),
    objectId: String(propertiesOf(item).objectId),
    clientId: String(propertiesOf(item).clientId),
  }));

/** Makes a principal; its secret is in the answer and nowhere else. */
export const createPrincipal = async (client: Client, name: string): Promise<Principal & { clientSecret: string }> => {
  const body = await client.call('PUT', `${identity}/${encodeURIComponent(name)}?${identityVersion}`, {
    properties: {},
  });
  const properties = propertiesOf(body);
  return {
    name,
    objectId: String(properties.objectId),
    clientId: String(properties.clientId),
    clientSecret: String(properties.clientSecret),
  };
};

/** A link that signs a principal (its object id; the caller, where it is left out) in at the Studio, once. */
export const signInLink = async (client: Client, principalId?: string): Promise<string> => {
  const place = '/providers/Postern.Authoring/signInCodes?api-version=2026-11-01';
  const { code } = await client.call('POST', place, principalId === undefined ? {} : { principalId });
  return `${client.connection.studioUrl}#code=${code}`;
};

/** Removes a principal; the server removes its role assignments with it. */
export const deletePrincipal = (client: Client, name: string): Promise<JsonObject> =>
  client.call('DELETE', `${identity}/${encodeURIComponent(name)}?${identityVersion}`);

/** Role names by the id of their definition (a GUID). */
export const roleNames = async (client: Client): Promise<Map<string, string>> => {
  const body = await client.call('GET', `/${authorization}/roleDefinitions?${version}`);
  return new Map(values(body).map((role) => [String(role.name), String(propertiesOf(role).roleName)]));
};

/** The id of a role by its name or id, in any case; a `CommandError` lists the roles where there is none. */
export const findRole = async (client: Client, role: string): Promise<string> => {
  const names = await roleNames(client);
  const found = [...names].find(([id, name]) => [id, name].some((text) => text.toLowerCase() === role.toLowerCase()));
  if (!found)
    throw new CommandError(`--role ${role}: no such role. Roles: ${[...names.values()].join(', ')}.`, { status: 2 });
  return found[0];
};

/** Assigns a role (an id) at a scope (`/` or an ARM id). */
export const assignRole = async (client: Client, objectId: string, role: string, scope: string): Promise<void> => {
  const below = scope === '/' ? '' : withoutSlashes(scope);
  await client.call('PUT', `${below}/${authorization}/roleAssignments/${crypto.randomUUID()}?${version}`, {
    properties: {
      principalId: objectId,
      principalType: 'ServicePrincipal',
      roleDefinitionId: `/subscriptions/${client.connection.subscriptionId}/${authorization}/roleDefinitions/${role}`,
    },
  });
};

/** Every role assignment: who, which role (id), where. */
export const listAssignments = async (client: Client): Promise<{ objectId: string; role: string; scope: string }[]> => {
  const subscription = `/subscriptions/${client.connection.subscriptionId}`;
  const pages = await Promise.all(
    ['', subscription].map((scope) => client.call('GET', `${scope}/${authorization}/roleAssignments?${version}`)),
  );
  const all = new Map(pages.flatMap(values).map((item) => [String(item.id).toLowerCase(), propertiesOf(item)]));
  return [...all.values()].map((item) => ({
    objectId: String(item.principalId),
    role: String(item.roleDefinitionId).split('/').at(-1)!,
    scope: String(item.scope),
  }));
};

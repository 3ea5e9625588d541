// What people do in a demo: somebody is let in with a role, owners answer requests, and refusals are read.
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { shortIds } from '../../base/show.ts';
import type { Client } from '../client.ts';
import { assignRole, createPrincipal, findRole, propertiesOf, values } from '../identity.ts';
import { paint } from '../terminal.ts';
import type { RunEnd } from './run.ts';

/** Makes a principal with a role at scopes; the client speaks as it. */
export const openPerson = async (
  admin: Client,
  name: string,
  role: string,
  scopes: readonly string[],
): Promise<Client> => {
  const principal = await createPrincipal(admin, name);
  const id = await findRole(admin, role);
  for (const scope of scopes) await assignRole(admin, principal.objectId, id, scope);
  return admin.as(principal);
};

/** Answers all requests for connections to the target `id`, as its owner. `version` is that of the target's type. */
export const decide = async (
  owner: Client,
  id: string,
  version: string,
  answer: { status: 'Approved' | 'Rejected'; description: string },
): Promise<void> => {
  for (const connection of values(await owner.call('GET', `${id}/privateEndpointConnections?${version}`)))
    await owner.call('PUT', `${connection.id}?${version}`, {
      ...connection,
      properties: { ...propertiesOf(connection), privateLinkServiceConnectionState: answer },
    });
};

/** The state that the factory's side shows of an endpoint, and the owner's words. */
export const endpointState = async (client: Client, endpoint: string): Promise<JsonObject> => {
  const { connectionState } = propertiesOf(await client.call('GET', `${endpoint}?api-version=2018-06-01`));
  return isJsonObject(connectionState) ? connectionState : {};
};

/** Why a run failed, as the policy tells it: its codes, the endpoints (ids) that it names, and message and remedy of each as lines. */
export const reasons = (run: RunEnd): { codes: string[]; endpoints: string[]; lines: string[] } => {
  const { details } = run.error;
  const all = Array.isArray(details) ? details.filter(isJsonObject) : [];
  const denials = all.filter(({ remedy }) => typeof remedy === 'string');
  return {
    codes: denials.map(({ code }) => String(code)),
    endpoints: denials.map(({ endpoint }) => String(endpoint)),
    lines: denials.flatMap(({ code, message, remedy }) => [
      `${paint('yellow', String(code))}  ${shortIds(String(message))}`,
      `${paint('cyan', 'what to do')}  ${shortIds(String(remedy))}`,
    ]),
  };
};

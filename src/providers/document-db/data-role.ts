// What roles let their holders do with the data of an account: the two of Azure's own, which every account has, and those
// of its owner.
import { isDataGranted } from '../../arm/authorization/grant.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Database, Tx } from '../../database/database.ts';
import { readResource } from '../../database/resource.ts';
import { type CosmosAction, cosmosActions } from '../../sandbox/sandbox.ts';
import { propertiesOf } from './account-body.ts';
import { documentDbTarget } from './document-db-target.ts';

/** The type of role definitions. */
export const dataRoleType = `${documentDbTarget.type}/sqlRoleDefinitions`;

/** Names of role definitions and assignments. */
export const guidName = {
  pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  min: 36,
  max: 36,
  says: 'a GUID',
};

/** What data actions begin with. */
export const below = `${documentDbTarget.type}/`;
const containers = `${below}sqlDatabases/containers`;
/** Azure's own roles. */
export const builtIn: Readonly<Record<string, { roleName: string; dataActions: readonly string[] }>> = {
  '00000000-0000-0000-0000-000000000001': {
    roleName: 'Cosmos DB Built-in Data Reader',
    dataActions: [
      `${below}readMetadata`,
      `${containers}/items/read`,
      `${containers}/executeQuery`,
      `${containers}/readChangeFeed`,
    ],
  },
  '00000000-0000-0000-0000-000000000002': {
    roleName: 'Cosmos DB Built-in Data Contributor',
    dataActions: [`${below}readMetadata`, `${containers}/items/*`, `${containers}/*`],
  },
};

/** The objects of a list. */
export const objectsIn = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
/** The texts of a list. */
export const textsIn = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(String) : []);

/** The actions that a list grants; `*` in it stands for any characters. */
export const actionsIn = (dataActions: readonly string[]): CosmosAction[] => {
  const role = { id: '', name: '', description: '', actions: [], notActions: [], dataActions };
  return cosmosActions.filter((action) => isDataGranted([{ scopeKey: '/', role }], `${below}${action}`, '/'));
};

/** What a role of an account lets its holder do; null where the account has no such role. */
export const actionsOfRole = async (
  db: Database | Tx,
  accountKey: string,
  name: string,
): Promise<CosmosAction[] | null> => {
  if (Object.hasOwn(builtIn, name)) return actionsIn(builtIn[name]!.dataActions);
  const found = await readResource(db, `${accountKey}/sqlroledefinitions/${name}`);
  if (!found) return null;
  const permissions = objectsIn(propertiesOf(found.body).permissions);
  return actionsIn(permissions.flatMap(({ dataActions }) => textsIn(dataActions)));
};

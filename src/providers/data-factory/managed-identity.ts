// The system-assigned identity of a factory: a principal that nobody can sign in as, because nobody has its secret. Who
// may do what with it is said by roles and access policies, as for any other.
import { randomUUID } from 'node:crypto';
import { createSecret, readCaller } from '../../arm/principal.ts';
import type { Operation } from '../../arm/resource-type.ts';
import type { Sign } from '../../arm/token/sign.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Database, Tx } from '../../database/database.ts';
import { readResource } from '../../database/resource.ts';
import type { FactoryIdentities } from '../../pipelines/identity.ts';

/** Long enough to fetch secrets at the start of a job, and to be worth little afterwards. */
const lifetimeSeconds = 300;

/** A factory that cannot sign in anywhere. */
export class ManagedIdentityMissing extends Error {
  readonly code = 'ManagedIdentityMissing';
}

const principalIdOf = (body: JsonObject): string | null => {
  const { identity } = body;
  return isJsonObject(identity) && typeof identity.principalId === 'string' ? identity.principalId : null;
};

const remove = async (tx: Tx, objectId: string): Promise<void> => {
  await tx.deleteFrom('role_assignment').where('principal_id', '=', objectId).execute();
  await tx.deleteFrom('principal').where('object_id', '=', objectId).execute();
};

/** Makes the principal of a factory's identity if there is none; removes that of an identity that was taken away. */
export const keepManagedIdentity = async (
  { tx, id, now }: Operation,
  before: JsonObject | undefined,
  identity: Json | undefined,
): Promise<void> => {
  const old = before && principalIdOf(before);
  const objectId = principalIdOf({ identity: identity ?? null });
  if (old && old !== objectId) await remove(tx, old);
  if (!objectId || (await readCaller(tx, objectId))) return;
  await tx
    .insertInto('principal')
    .values({
      object_id: objectId,
      application_id: randomUUID(),
      // No name that somebody may choose has parentheses.
      name: `${id.names[0]} (managed identity)`,
      secret_hash: (await createSecret()).secretHash,
      created_at: now,
    })
    .execute();
};

/** Removes the principal of a factory that is being deleted, and its roles. */
export const forgetManagedIdentity = async (tx: Tx, factory: JsonObject): Promise<void> => {
  const objectId = principalIdOf(factory);
  if (objectId) await remove(tx, objectId);
};

/** The identities of the factories in the database. `authority` is where their tokens say they come from. */
export const createFactoryIdentities = (rooms: {
  database: Database;
  sign: Sign;
  authority(): string;
}): FactoryIdentities => {
  const read = (factoryKey: string) =>
    rooms.database.transaction().execute(async (tx) => {
      const factory = await readResource(tx, factoryKey);
      const objectId = factory && principalIdOf(factory.body);
      const caller = objectId ? await readCaller(tx, objectId) : null;
      if (caller) return caller;
      throw new ManagedIdentityMissing(
        `The factory ${factory?.name ?? factoryKey} has no managed identity, so it cannot sign in to a key vault. Write the factory with "identity": {"type": "SystemAssigned"}, and let the identity's principalId get secrets in the vault.`,
      );
    });
  return {
    require: async (factoryKey) => void (await read(factoryKey)),
    tokenFor: async (factoryKey, host) => {
      const caller = await read(factoryKey);
      const audience = 'https://vault.azure.net';
      const expiresAt = new Date(Date.now() + lifetimeSeconds * 1000).toISOString();
      return {
        token: await rooms.sign(caller, { audience, origin: rooms.authority(), lifetimeSeconds, host }),
        expiresAt,
      };
    },
  };
};

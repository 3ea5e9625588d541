// The system-assigned identity of a factory: a principal that nobody can sign in as, because nobody has its secret. Who
// may do what with it is said by roles and access policies, as for any other.
import { randomUUID } from 'node:crypto';
import { createSecret, readCaller } from '../../arm/principal.ts';
import type { Caller, Operation } from '../../arm/resource-type.ts';
import type { Sign } from '../../arm/token/sign.ts';
import type { SignIn } from '../../arm/token/sign-in.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Database, Tx } from '../../database/database.ts';
import { readResource } from '../../database/resource.ts';
import type { FactoryIdentities, ServicePrincipal, TokenUse } from '../../pipelines/identity.ts';
import { createTurns } from '../../sandbox/turn.ts';

/**
 * Tokens by what they are for. For a vault: long enough to fetch secrets at the start of a job, and worth little
 * afterwards. For a store: as long as Azure's own live, since a job gets no second one.
 */
const tokens = {
  vault: { audience: 'https://vault.azure.net', lifetimeSeconds: 300 },
  storage: { audience: 'https://storage.azure.com', lifetimeSeconds: 90 * 60 },
  sql: { audience: 'https://database.windows.net/', lifetimeSeconds: 90 * 60 },
  cosmos: { audience: 'https://cosmos.azure.com', lifetimeSeconds: 90 * 60 },
} as const;

/** A factory that cannot sign in anywhere. */
export class ManagedIdentityMissing extends Error {
  readonly code = 'ManagedIdentityMissing';
}

/** A service principal of a linked service that cannot sign in. */
export class ServicePrincipalRefused extends Error {
  readonly code = 'ServicePrincipalRefused';
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

/**
 * The identities of the factories in the database, and the service principals that their linked services name. `authority`
 * is where their tokens say they come from.
 */
export const createFactoryIdentities = (rooms: {
  database: Database;
  sign: Sign;
  signIn: SignIn;
  tenantId: string;
  authority(): string;
}): FactoryIdentities => {
  // One after the other: many jobs that begin at once must not look like somebody who guesses.
  const inTurn = createTurns();

  const factory = (factoryKey: string, host: string) =>
    rooms.database.transaction().execute(async (tx) => {
      const found = await readResource(tx, factoryKey);
      const objectId = found && principalIdOf(found.body);
      const caller = objectId ? await readCaller(tx, objectId) : null;
      const name = found?.name ?? factoryKey;
      if (caller)
        return { caller, holder: `the managed identity of the factory '${name}' (object id ${caller.objectId})` };
      throw new ManagedIdentityMissing(
        `The factory ${name} has no managed identity, so it cannot sign in to ${host}. Write the factory with "identity": {"type": "SystemAssigned"}, and let the identity's principalId in there: by a role, or as the store's kind has it.`,
      );
    });

  /** As the token endpoint would: the right tenant, an id and its secret, and not too many wrong ones. */
  const principal = async ({ linkedService, id, secret, tenant }: ServicePrincipal) => {
    const owner = `Linked service '${linkedService}'`;
    if (tenant.toLowerCase() !== rooms.tenantId.toLowerCase())
      throw new ServicePrincipalRefused(
        `${owner}: there is no tenant '${tenant.slice(0, 100)}' here. Correct typeProperties.tenant: this Postern is '${rooms.tenantId}'.`,
      );
    const signedIn = await inTurn('', () => rooms.signIn(id, secret));
    if ('waitSeconds' in signedIn)
      throw new ServicePrincipalRefused(
        `${owner}: too many sign-ins as '${id.slice(0, 100)}' failed. Correct typeProperties.servicePrincipalKey and wait ${signedIn.waitSeconds} s.`,
      );
    const { caller } = signedIn;
    if (caller) return { caller, holder: `the service principal '${caller.name}' (object id ${caller.objectId})` };
    throw new ServicePrincipalRefused(
      `${owner}: the secret is wrong, or no application '${id.slice(0, 100)}' exists. Correct typeProperties.servicePrincipalId and servicePrincipalKey.`,
    );
  };

  const find = (factoryKey: string, use: TokenUse): Promise<{ caller: Caller; holder: string }> =>
    use.servicePrincipal ? principal(use.servicePrincipal) : factory(factoryKey, use.host);

  return {
    require: async (factoryKey, use) => void (await find(factoryKey, use)),
    tokenFor: async (factoryKey, use) => {
      const { caller, holder } = await find(factoryKey, use);
      const { audience, lifetimeSeconds } = tokens[use.kind];
      const expiresAt = new Date(Date.now() + lifetimeSeconds * 1000).toISOString();
      const wish = { audience, origin: rooms.authority(), lifetimeSeconds, host: use.host };
      return { token: await rooms.sign(caller, wish), expiresAt, holder };
    },
  };
};

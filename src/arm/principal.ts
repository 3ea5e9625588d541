// Principals: who may ask for tokens. A secret is 32 random bytes, shown once, kept as a hash.
import { randomBytes, randomUUID, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Database, Tx } from '../database/database.ts';
import { builtInRoles } from './authorization/built-in-role.ts';
import type { Caller } from './resource-type.ts';

/** What a client signs in with. The secret exists here and nowhere else. */
export type Credentials = { objectId: string; clientId: string; clientSecret: string };

// The secrets are random and long, so the hash need not be slow: it is there so that a copy of the database is no key.
const cost = { N: 4096, r: 8, p: 1 };
const hashBytes = 32;
const derive = promisify<string, Buffer, number, typeof cost, Buffer>(scrypt);

const hash = async (secret: string, salt: Buffer) => derive(secret, salt, hashBytes, cost);

const hashed = async (secret: string) => {
  const salt = randomBytes(16);
  return `scrypt$${salt.toString('base64')}$${(await hash(secret, salt)).toString('base64')}`;
};

/** A new secret and its hash. */
export const createSecret = async (): Promise<{ clientSecret: string; secretHash: string }> => {
  const clientSecret = randomBytes(32).toString('base64url');
  return { clientSecret, secretHash: await hashed(clientSecret) };
};

/** Writes a principal with no roles. */
export const addPrincipal = async (tx: Tx, name: string, secretHash: string, now: string) => {
  const row = { object_id: randomUUID(), application_id: randomUUID(), name, secret_hash: secretHash, created_at: now };
  await tx.insertInto('principal').values(row).execute();
  return row;
};

const decoy = hashed('nobody');

/** The principal with this id and secret, or null. Takes as long for an unknown id as for a wrong secret. */
export const verifySecret = async (db: Database, clientId: string, secret: string): Promise<Caller | null> => {
  const row = await db
    .selectFrom('principal')
    .selectAll()
    .where('application_id', '=', clientId.toLowerCase())
    .executeTakeFirst();
  const [, salt = '', kept = ''] = (row?.secret_hash ?? (await decoy)).split('$');
  const isRight = timingSafeEqual(await hash(secret, Buffer.from(salt, 'base64')), Buffer.from(kept, 'base64'));
  return row && isRight ? { objectId: row.object_id, applicationId: row.application_id, name: row.name } : null;
};

/** The principal with this object id, or null: a deleted one ends here, whatever tokens it holds. */
export const readCaller = async (tx: Tx, objectId: string): Promise<Caller | null> => {
  const row = await tx.selectFrom('principal').selectAll().where('object_id', '=', objectId).executeTakeFirst();
  return row ? { objectId: row.object_id, applicationId: row.application_id, name: row.name } : null;
};

/** Gives a role (its GUID) to a principal at a scope (an id, or `/`). */
export const assignRole = async (
  tx: Tx,
  ask: { roleId: string; objectId: string; scope: string; now: string },
): Promise<void> => {
  const name = randomUUID();
  const id = `${ask.scope === '/' ? '' : ask.scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  await tx
    .insertInto('role_assignment')
    .values({
      key: id.toLowerCase(),
      id,
      name,
      scope_key: ask.scope.toLowerCase(),
      scope: ask.scope,
      role_definition_id: `/providers/Microsoft.Authorization/roleDefinitions/${ask.roleId}`,
      principal_id: ask.objectId,
      body: JSON.stringify({ properties: { principalType: 'ServicePrincipal' } }),
      created_at: ask.now,
    })
    .execute();
};

const administratorName = 'administrator';

const makeOwner = async (tx: Tx, objectId: string) => {
  const roleId = builtInRoles[0]!.id;
  const assigned = await tx
    .selectFrom('role_assignment')
    .select('key')
    .where('principal_id', '=', objectId)
    .where('scope_key', '=', '/')
    .where('role_definition_id', 'like', `%${roleId}`)
    .executeTakeFirst();
  if (!assigned) await assignRole(tx, { roleId, objectId, scope: '/', now: new Date().toISOString() });
};

/**
 * Makes the principal `administrator`, Owner of everything. Where it is there already, `known` (what the connection
 * file says) is kept if it still signs in; otherwise it gets a new secret, so that a lost or half-written file is made
 * good at the next start.
 */
export const ensureAdministrator = async (
  db: Database,
  known?: { clientId: string; clientSecret: string },
): Promise<Credentials> => {
  const caller = known && (await verifySecret(db, known.clientId, known.clientSecret));
  if (known && caller?.name === administratorName) {
    await db.transaction().execute((tx) => makeOwner(tx, caller.objectId));
    return { objectId: caller.objectId, ...known };
  }
  const { clientSecret, secretHash } = await createSecret();
  return db.transaction().execute(async (tx) => {
    const existing = await tx
      .selectFrom('principal')
      .selectAll()
      .where('name', '=', administratorName)
      .executeTakeFirst();
    const row = existing ?? (await addPrincipal(tx, administratorName, secretHash, new Date().toISOString()));
    if (existing)
      await tx
        .updateTable('principal')
        .set({ secret_hash: secretHash })
        .where('object_id', '=', existing.object_id)
        .execute();
    await makeOwner(tx, row.object_id);
    return { objectId: row.object_id, clientId: row.application_id, clientSecret };
  });
};

// The keys of an account, by name. They are made with it and lie sealed beside it.
import { randomBytes } from 'node:crypto';
import type { Database, Tx } from '../../database/database.ts';
import { readSecrets, type SecretKey, writeSecrets } from '../../database/secret.ts';

/** The keys of one kind of account. */
export type KeySet<Name extends string> = {
  /** Makes and seals every key of a new account. */
  create(tx: Tx, key: SecretKey, accountKey: string): Promise<void>;
  /** Replaces one key. */
  renew(tx: Tx, key: SecretKey, accountKey: string, name: Name): Promise<void>;
  /** All keys in clear, for whoever may list them and for the store itself. */
  read(db: Database | Tx, key: SecretKey, accountKey: string): Promise<Readonly<Record<Name, string>>>;
};

const pathOf = (name: string) => `keys.${name}`;
const createKey = () => randomBytes(64).toString('base64');

/** A set of keys with these names: 64 bytes each, in base64. */
export const keySet = <Name extends string>(names: readonly Name[]): KeySet<Name> => ({
  create: (tx, key, accountKey) =>
    writeSecrets(tx, key, accountKey, new Map(names.map((name) => [pathOf(name), createKey()]))),
  renew: (tx, key, accountKey, name) =>
    writeSecrets(
      tx,
      key,
      accountKey,
      new Map([[pathOf(name), createKey()]]),
      names.filter((other) => other !== name).map(pathOf),
    ),
  read: async (db, key, accountKey) => {
    const secrets = await readSecrets(db, key, accountKey);
    const entries = names.map((name) => [name, String(secrets.get(pathOf(name)) ?? '')] as const);
    return Object.fromEntries(entries) as Record<Name, string>;
  },
});

// The two keys of a storage account. They are made with it and lie sealed beside it.
import { randomBytes } from 'node:crypto';
import type { Database, Tx } from '../../database/database.ts';
import { readSecrets, type SecretKey, writeSecrets } from '../../database/secret.ts';

const names = ['key1', 'key2'] as const;

/** Which of an account's keys. */
export type AccountKeyName = (typeof names)[number];

const pathOf = (name: AccountKeyName) => `keys.${name}`;
const createKey = () => randomBytes(64).toString('base64');

/** Makes and seals both keys of a new account. */
export const createAccountKeys = (tx: Tx, key: SecretKey, accountKey: string): Promise<void> =>
  writeSecrets(tx, key, accountKey, new Map(names.map((name) => [pathOf(name), createKey()])));

/** Replaces one key. */
export const renewAccountKey = (tx: Tx, key: SecretKey, accountKey: string, name: AccountKeyName): Promise<void> =>
  writeSecrets(
    tx,
    key,
    accountKey,
    new Map([[pathOf(name), createKey()]]),
    names.filter((other) => other !== name).map(pathOf),
  );

/** Both keys in clear, for whoever may list them and for the store itself. */
export const readAccountKeys = async (
  db: Database | Tx,
  key: SecretKey,
  accountKey: string,
): Promise<{ keyName: AccountKeyName; value: string }[]> => {
  const secrets = await readSecrets(db, key, accountKey);
  return names.map((keyName) => ({ keyName, value: String(secrets.get(pathOf(keyName)) ?? '') }));
};

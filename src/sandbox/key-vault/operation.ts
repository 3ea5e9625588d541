// What a vault does, and which permission each takes. What is not here is refused by name.
import type { JsonObject } from '../../base/json.ts';
import type { SecretPermission } from '../sandbox.ts';
import { deletionWords, readValue, readWords, secretItem, type VaultWords, versionItem } from './secret-body.ts';
import type { SecretFile, SecretVersion } from './secret-file.ts';
import { VaultError } from './vault-error.ts';

/** One request to an open vault. `now` is seconds since 1970. */
export type Ask = {
  file: SecretFile;
  vault: VaultWords;
  name: string;
  version: string | null;
  body: JsonObject;
  page: { after: string; limit: number };
  now: number;
};

/** A page of a list: `next` is what the next page begins after, null on the last. */
type Page = { value: JsonObject[]; next: string | null };

/** What the vault does with a request; `status` is 200 unless it says otherwise. */
export type VaultOperation = {
  method: string;
  path: RegExp;
  permission: SecretPermission;
  run(ask: Ask): { status?: number; body?: JsonObject; page?: Page };
};

const daySeconds = 86_400;

const notFound = (name: string) =>
  new VaultError(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command.`,
  );

const requireVersion = ({ file, name, version }: Ask): SecretVersion => {
  const found = file.find(name, version);
  if (!found) throw notFound(version === null ? name : `${name}/${version}`);
  return found;
};

const requireDeleted = ({ file, name }: Ask) => {
  const deletion = file.deletion(name);
  const secret = file.find(name, null, true);
  if (!deletion || !secret)
    throw new VaultError(404, 'SecretNotFound', `Deleted Secret not found: ${name} is not among the deleted secrets.`);
  return { deletion, secret };
};

/** The first of one more than a page, and where the next begins. */
const pageOf = (
  found: SecretVersion[],
  limit: number,
  show: (secret: SecretVersion) => JsonObject,
  mark: (secret: SecretVersion) => string,
): Page => {
  const shown = found.slice(0, limit);
  return { value: shown.map(show), next: found.length > limit ? mark(shown.at(-1)!) : null };
};

const byName = (secret: SecretVersion) => secret.name;

/** Every operation, in order of reading. `name` and `version` are groups of the paths. */
export const vaultOperations: readonly VaultOperation[] = [
  {
    method: 'PUT',
    path: /^\/secrets\/(?<name>[^/]+)\/?$/,
    permission: 'set',
    run: ({ file, vault, name, body, now }) => {
      if (!/^[0-9A-Za-z-]{1,127}$/.test(name))
        throw new VaultError(
          400,
          'BadParameter',
          `'${name}' is no name of a secret: 1 to 127 letters, digits and hyphens.`,
        );
      const value = readValue(body);
      const words = readWords(body);
      if (file.deletion(name))
        throw new VaultError(
          409,
          'Conflict',
          `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
          'ObjectIsDeletedButRecoverable',
        );
      return { body: versionItem(vault, file.add(name, value, words, now), value) };
    },
  },
  {
    method: 'GET',
    path: /^\/secrets\/?$/,
    permission: 'list',
    run: ({ file, vault, page }) => ({
      page: pageOf(file.list(page.after, page.limit + 1), page.limit, (one) => secretItem(vault, one), byName),
    }),
  },
  {
    method: 'GET',
    path: /^\/secrets\/(?<name>[^/]+)\/versions\/?$/,
    permission: 'list',
    run: ({ file, vault, name, page }) => {
      const found = file.versions(name, Number(page.after) || 0, page.limit + 1);
      return {
        page: pageOf(
          found,
          page.limit,
          (one) => versionItem(vault, one),
          (one) => `${one.sequence}`,
        ),
      };
    },
  },
  {
    method: 'GET',
    path: /^\/secrets\/(?<name>[^/]+)(\/(?<version>[^/]+))?\/?$/,
    permission: 'get',
    run: (ask) => {
      const found = requireVersion(ask);
      if (!found.enabled)
        throw new VaultError(
          403,
          'Forbidden',
          `Operation get is not allowed on a disabled secret: ${found.name}, version ${found.version}. Enable it, or name another version.`,
          'SecretDisabled',
        );
      return { body: versionItem(ask.vault, found, ask.file.value(found)) };
    },
  },
  {
    method: 'PATCH',
    path: /^\/secrets\/(?<name>[^/]+)(\/(?<version>[^/]+))?\/?$/,
    permission: 'set',
    run: (ask) => {
      const found = requireVersion(ask);
      return { body: versionItem(ask.vault, ask.file.change(found, readWords(ask.body, found), ask.now)) };
    },
  },
  {
    method: 'DELETE',
    path: /^\/secrets\/(?<name>[^/]+)\/?$/,
    permission: 'delete',
    run: (ask) => {
      const { file, vault, now } = ask;
      const found = requireVersion(ask);
      const deletion = { name: found.name, deleted: now, purge: now + vault.retentionDays * daySeconds };
      file.remove(deletion);
      return { body: { ...versionItem(vault, found), ...deletionWords(vault, deletion) } };
    },
  },
  {
    method: 'GET',
    path: /^\/deletedsecrets\/?$/,
    permission: 'list',
    run: ({ file, vault, page }) => {
      const show = (one: SecretVersion) => ({
        ...secretItem(vault, one),
        ...deletionWords(vault, file.deletion(one.name)!),
      });
      return { page: pageOf(file.list(page.after, page.limit + 1, true), page.limit, show, byName) };
    },
  },
  {
    method: 'GET',
    path: /^\/deletedsecrets\/(?<name>[^/]+)\/?$/,
    permission: 'get',
    run: (ask) => {
      const { deletion, secret } = requireDeleted(ask);
      return { body: { ...versionItem(ask.vault, secret), ...deletionWords(ask.vault, deletion) } };
    },
  },
  {
    method: 'POST',
    path: /^\/deletedsecrets\/(?<name>[^/]+)\/recover\/?$/,
    permission: 'recover',
    run: (ask) => {
      const { secret } = requireDeleted(ask);
      ask.file.recover(secret.name);
      return { body: versionItem(ask.vault, secret) };
    },
  },
  {
    method: 'DELETE',
    path: /^\/deletedsecrets\/(?<name>[^/]+)\/?$/,
    permission: 'purge',
    run: (ask) => {
      const { secret } = requireDeleted(ask);
      if (ask.vault.purgeProtection)
        throw new VaultError(
          403,
          'Forbidden',
          'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.',
        );
      ask.file.purge(secret.name);
      return { status: 204 };
    },
  },
];

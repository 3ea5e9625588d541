// The names of a vault's secrets; never a value.
import { ActivityError } from '../../base/error.ts';
import { type LookModule, nothingIn } from '../look.ts';
import { propertyError, textAt } from '../property.ts';
import { withRetry } from '../retry.ts';
import { troubleOf, vaultFailure } from './failure.ts';
import { openVault } from './open.ts';

const pageSize = 25;

/** The secrets at the top. */
export const look: LookModule['look'] = async function* (linkedService, path, abortSignal, access) {
  if (path !== '') throw nothingIn(path);
  const baseUrl = textAt(linkedService, 'baseUrl');
  if (!baseUrl) throw propertyError(linkedService, 'baseUrl', 'must be the address of a vault');
  if (!access) throw new ActivityError('AzureKeyVaultUnauthorized', `There is no token for the vault ${baseUrl}.`);
  const vault = openVault(baseUrl, access);
  // An iterator that has failed says that it is done, so only the first page is worth another try.
  const begin = async () => {
    const pages = vault.listPropertiesOfSecrets({ abortSignal }).byPage({ maxPageSize: pageSize });
    return { pages, first: await pages.next() };
  };
  const explained = (error: unknown) => {
    abortSignal.throwIfAborted();
    throw vaultFailure(error, { baseUrl, name: '', version: undefined });
  };
  const { pages, first } = await withRetry(begin, troubleOf, abortSignal).catch(explained);
  for (let page = first; !page.done; page = await pages.next().catch(explained))
    for (const { name } of page.value) yield { name, kind: 'Secret', path: name };
};

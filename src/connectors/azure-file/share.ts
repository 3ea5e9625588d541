// Which share a linked service means, in Azure's two ways of saying it. Pure.
import { type Account, readAccount } from '../azure-storage/account.ts';
import { type Properties, propertyError, refuseAt, secretAt, textAt } from '../property.ts';

// The older form: `\\account.file.core.windows.net\share`, with the account as the user and its key as the password.
const fromHost = (from: Properties, host: string): { account: Account; share: string } => {
  const [, account, suffix, share] =
    /^\\\\([a-z0-9]{3,24})\.(file\.core\.windows\.net)\\([^\\]+)\\?$/i.exec(host.trim().replaceAll('/', '\\')) ?? [];
  if (account === undefined) throw propertyError(from, 'host', 'must be \\\\account.file.core.windows.net\\share');
  const key = secretAt(from, 'password');
  if (!key || !/^[A-Za-z0-9+/]+={0,2}$/.test(key))
    throw propertyError(from, 'password', 'must hold the account key in base64');
  const user = secretAt(from, 'userId')?.replace(/^azure\\/i, '');
  if (user !== undefined && user.toLowerCase() !== account.toLowerCase())
    throw propertyError(from, 'userId', 'must be AZURE\\ and the name of the account');
  const name = account.toLowerCase();
  return {
    account: { endpoint: `https://${name}.${suffix!.toLowerCase()}`, credential: { kind: 'key', account: name, key } },
    share: share!,
  };
};

/** Reads `typeProperties` of a linked service: the account, who asks, and the share. */
export const readShare = (from: Properties): { account: Account; share: string } => {
  refuseAt(from, ['snapshot']);
  const host = textAt(from, 'host');
  const { account, share } = host
    ? fromHost(from, host)
    : { account: readAccount(from, 'file'), share: textAt(from, 'fileShare') ?? '' };
  if (!/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(share))
    throw propertyError(
      from,
      host ? 'host' : 'fileShare',
      'must name a share: 3 to 63 lower-case letters, digits and single hyphens',
    );
  return { account, share };
};

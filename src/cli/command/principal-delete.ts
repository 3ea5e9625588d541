import { CommandError } from '../command-error.ts';
import { deletePrincipal, listPrincipals } from '../identity.ts';
import { asAdministrator } from '../session.ts';
import { say } from '../terminal.ts';

/** Removes a principal by name, and its role assignments; what it holds a token for ends with the token. */
export const run = (options: { data?: string }, rest: string[]): Promise<void> =>
  asAdministrator(options.data, async (client) => {
    const [name] = rest;
    if (rest.length !== 1 || !name)
      throw new CommandError('Name one principal: postern principal delete NAME.', { status: 2 });
    const known = await listPrincipals(client);
    if (!known.some((principal) => principal.name === name))
      throw new CommandError(`There is no principal ${name}. \`postern principal list\` shows them.`);
    await deletePrincipal(client, name);
    say(`${name} is gone, and its role assignments with it.`);
  });

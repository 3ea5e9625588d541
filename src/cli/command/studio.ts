import { CommandError } from '../command-error.ts';
import { listPrincipals, signInLink } from '../identity.ts';
import { asAdministrator } from '../session.ts';
import { say } from '../terminal.ts';

/** Prints a link that signs a principal (the administrator, unless another is named) in at the Studio, once. */
export const run = (options: { data?: string; principal?: string }): Promise<void> =>
  asAdministrator(options.data, async (client) => {
    const { principal: name } = options;
    const found = name === undefined ? undefined : (await listPrincipals(client)).find((one) => one.name === name);
    if (name !== undefined && !found)
      throw new CommandError(`There is no principal ${name}. \`postern principal list\` shows them.`);
    say(await signInLink(client, found?.objectId));
  });

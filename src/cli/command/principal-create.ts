import { CommandError } from '../command-error.ts';
import { assignRole, createPrincipal, deletePrincipal, findRole } from '../identity.ts';
import { asAdministrator } from '../session.ts';
import { paint, say } from '../terminal.ts';

type Options = { data?: string; name?: string; role?: string; scope?: string; json?: boolean };

/** Makes a principal with one role at one scope and prints its id and secret, once. */
export const run = (options: Options): Promise<void> =>
  asAdministrator(options.data, async (client) => {
    const { name, role, scope } = options;
    if (!name || !role || !scope)
      throw new CommandError('Name the principal, its role and the scope: --name N --role R --scope S.', { status: 2 });
    const roleId = await findRole(client, role);
    const principal = await createPrincipal(client, name);
    try {
      await assignRole(client, principal.objectId, roleId, scope);
    } catch (error) {
      await deletePrincipal(client, name);
      throw error;
    }
    const { tenantId } = client.connection;
    if (options.json) return say(JSON.stringify({ ...principal, tenantId, role, scope }, null, 2));
    say(`${paint('green', '●')} ${paint('bold', name)} is ${role} at ${scope}`);
    say(`  tenant     ${tenantId}`);
    say(`  client id  ${principal.clientId}`);
    say(`  secret     ${principal.clientSecret}   ${paint('dim', 'shown once: keep it now')}`);
  });

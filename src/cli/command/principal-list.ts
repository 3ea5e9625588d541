import { listAssignments, listPrincipals, roleNames } from '../identity.ts';
import { asAdministrator } from '../session.ts';
import { say, table, tame } from '../terminal.ts';

/** Shows each principal with its roles and where they hold. */
export const run = (options: { data?: string; json?: boolean }): Promise<void> =>
  asAdministrator(options.data, async (client) => {
    const [principals, names, assignments] = await Promise.all([
      listPrincipals(client),
      roleNames(client),
      listAssignments(client),
    ]);
    const shown = principals.map((principal) => ({
      ...principal,
      roles: assignments
        .filter(({ objectId }) => objectId === principal.objectId)
        .map(({ role, scope }) => ({ role: names.get(role) ?? role, scope })),
    }));
    if (options.json) return say(JSON.stringify(shown, null, 2));
    const rows = shown.flatMap(({ name, clientId, roles }) =>
      (roles.length > 0 ? roles : [{ role: '(none)', scope: '' }]).map(({ role, scope }, index) =>
        index === 0 ? [tame(name), clientId, role, scope] : ['', '', role, scope],
      ),
    );
    say(table(['name', 'client id', 'role', 'scope'], rows));
  });

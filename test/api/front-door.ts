// A front door of its own for a test: temporary data folder, real HTTPS on a free port, a tiny resource type or more.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFrontDoor } from '../../src/arm/front-door.ts';
import { type Credentials, ensureAdministrator } from '../../src/arm/principal.ts';
import type { ResourceType, Route } from '../../src/arm/resource-type.ts';
import { createSignInCodes, type SignInCodes } from '../../src/arm/studio/sign-in-code.ts';
import { createSignIn } from '../../src/arm/token/sign-in.ts';
import { createLog, type Log } from '../../src/base/log.ts';
import type { StateMachine } from '../../src/base/state-machine.ts';
import { type Client, connect } from '../../src/cli/client.ts';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { createRegistry } from '../../src/providers/registry.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { type Answer, createSender, signIn } from './sender.ts';

/** An open front door, and its administrator. */
export type OpenDoor = {
  origin: string;
  database: Database;
  dataDir: string;
  caFile: string;
  tenantId: string;
  subscriptionId: string;
  administrator: Credentials;
  /** The administrator, through the command's own client. */
  admin: Client;
  /** Sends anything at all as the administrator (or with another `authorization`): `body` may be text that is no JSON. */
  send(method: string, path: string, body?: object | string, headers?: Record<string, string>): Promise<Answer>;
  /** Makes a principal with these roles (GUID and scope) and signs it in. */
  principal(name: string, ...roles: (readonly [roleId: string, scope: string])[]): Promise<Client>;
  /** Closes it; the data folder stays for `reopen`. */
  shut(): Promise<void>;
  /** Closes it and removes the data folder. */
  discard(): Promise<void>;
};

/** What a door is opened with. `subscriptionId` and `dataDir` are an earlier door's where that is reopened. */
export type DoorOptions = {
  types?: (database: Database, dataDir: string) => readonly ResourceType[];
  /** Asked for once the types are made. */
  routes?: () => readonly Route[];
  signInCodes?: SignInCodes;
  /** Where the built Studio lies; nowhere unless told. */
  studioFolder?: string;
  /** Silent unless told otherwise. */
  log?: Log;
  machines?: readonly StateMachine<string, string>[];
  dataDir?: string;
};

const tenantId = '10000000-0000-4000-8000-000000000001';
const subscriptionId = '20000000-0000-4000-8000-000000000002';

/** Opens a front door. */
export const openDoor = async (options: DoorOptions = {}): Promise<OpenDoor> => {
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'postern-door-')));
  const authority = await openCertificateAuthority(path.join(dataDir, 'ca'));
  const tls = await authority.issue(['localhost', '127.0.0.1']);
  const { caFile } = authority;
  const database = await openDatabase(path.join(dataDir, 'postern.db'), { machines: options.machines ?? [] });
  const administrator = await ensureAdministrator(database);
  const registry = createRegistry(
    { tenantId, subscriptionId },
    options.types?.(database, dataDir) ?? [],
    options.routes?.(),
  );
  const log = options.log ?? createLog({ level: 'silent' });
  const door = createFrontDoor({
    database,
    registry,
    tls,
    tenantId,
    subscriptionId,
    dataDir,
    log,
    version: '0.0.0',
    signInCodes: options.signInCodes ?? createSignInCodes(),
    signIn: createSignIn(database),
    studioFolder: options.studioFolder ?? path.join(dataDir, 'nowhere'),
  });
  const { origin } = await door.listen({ host: '127.0.0.1', port: 0 });
  const admin = await connect({
    armEndpoint: origin,
    authorityHost: origin,
    tenantId,
    subscriptionId,
    clientId: administrator.clientId,
    clientSecret: administrator.clientSecret,
    caFile,
    studioUrl: null,
  });
  const sender = createSender(origin, await readFile(caFile));
  const token = await signIn(sender, tenantId, administrator);
  const shut = async () => {
    admin.close();
    sender.close();
    await door.close();
    await database.destroy();
  };
  return {
    origin,
    database,
    dataDir,
    caFile,
    tenantId,
    subscriptionId,
    administrator,
    admin,
    send: (method, path, body, headers = {}) =>
      sender.send(method, path, body, { authorization: `Bearer ${token}`, ...headers }),
    principal: async (name, ...roles) => {
      const made = await admin.call('PUT', `/providers/Postern.Identity/principals/${name}?api-version=2026-11-01`, {
        properties: {},
      });
      const { objectId, clientId, clientSecret } = made.properties as Record<string, string>;
      for (const [roleId, scope] of roles)
        await admin.call(
          'PUT',
          `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`,
          {
            properties: {
              roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
              principalId: objectId!,
              principalType: 'ServicePrincipal',
            },
          },
        );
      return admin.as({ clientId: clientId!, clientSecret: clientSecret! });
    },
    shut,
    discard: async () => {
      await shut();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

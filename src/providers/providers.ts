// The providers that need rooms, built together: what they share (the directory of stores, the publication of
// snapshots) is made here and nowhere else.
import type { ResourceType, Route } from '../arm/resource-type.ts';
import type { SignInCodes } from '../arm/studio/sign-in-code.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../database/database.ts';
import type { SecretKey } from '../database/secret.ts';
import type { SealedNetwork } from '../network/sealed-network.ts';
import type { Pipelines } from '../pipelines/pipelines.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { authoringActions } from './authoring/action.ts';
import { createEventFeed } from './authoring/event-feed.ts';
import { tellAll } from './authoring/event-source.ts';
import { authoringRoutes } from './authoring/route.ts';
import { dataFactoryTypes } from './data-factory/types.ts';
import { createCosmosStores } from './document-db/account-store.ts';
import { documentDbTarget } from './document-db/document-db-target.ts';
import { documentDbTypes } from './document-db/types.ts';
import { keyVaultTarget } from './key-vault/key-vault-target.ts';
import { keyVaultTypes } from './key-vault/types.ts';
import { createVaultStores } from './key-vault/vault-store.ts';
import { privateLinkServiceTarget } from './network/private-link-service/target.ts';
import { networkRoutes, networkTypes } from './network/types.ts';
import { storeFlowsRoute } from './postern/store-flows.ts';
import { networkActions, posternTypes } from './postern/types.ts';
import { createPublication, type Publish } from './publication.ts';
import { resourceGroup } from './resources/resource-group.ts';
import { serverFamily } from './sql/server-family.ts';
import { sqlServerTarget } from './sql/sql-server-target.ts';
import { createSqlStores } from './sql/sql-store.ts';
import { sqlRoutes, sqlTypes } from './sql/types.ts';
import { createAccountStores } from './storage/account-store.ts';
import { storageTarget } from './storage/storage-target.ts';
import { storageRoutes, storageTypes } from './storage/types.ts';
import { createStoreDirectory, parseAttachable } from './store-directory.ts';
import { synapseTypes } from './synapse/types.ts';
import { workspaceFamily } from './synapse/workspace-family.ts';
import { workspaceTarget } from './synapse/workspace-target.ts';
import type { TargetKind } from './target/target.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** The kinds of stores that a private endpoint may lead to. */
export const storeKinds: readonly TargetKind[] = [
  storageTarget,
  keyVaultTarget,
  documentDbTarget,
  sqlServerTarget,
  workspaceTarget,
];

/** What the registry serves of these providers, and what a start needs of them. */
export type Providers = {
  types: readonly ResourceType[];
  routes: readonly Route[];
  /** Applies a snapshot of what the database holds. */
  publish: Publish;
  /** Starts the stores of all targets and applies the first snapshot. Before the front door opens. */
  start(): Promise<void>;
  /** Before the database and the network are closed. */
  close(): void;
};

/** Builds the providers. `attachable` are the ranges that stores may be attached at; throws where one is no range. */
export const createProviders = (rooms: {
  database: Database;
  network: Pick<SealedNetwork, 'apply' | 'current' | 'flows' | 'onFlow'>;
  sandbox: Sandbox;
  pipelines: Pipelines;
  runtime: Runtime;
  secretKey: SecretKey;
  tenantId: string;
  tokenIssuer: TokenIssuer;
  attachable: readonly string[];
  signInCodes: SignInCodes;
  log: Log;
}): Providers => {
  const directory = createStoreDirectory();
  const attachable = parseAttachable(rooms.attachable);
  const privateLinkService = privateLinkServiceTarget(attachable);
  const kinds = [...storeKinds, privateLinkService];
  const { publish, close } = createPublication({ ...rooms, kinds, directory });
  const stores = createAccountStores({ ...rooms, directory, attachable });
  const vaults = createVaultStores({ ...rooms, directory });
  const cosmos = createCosmosStores({ ...rooms, directory, attachable });
  const sqlServers = createSqlStores({ ...rooms, directory, attachable }, serverFamily);
  const workspaces = createSqlStores({ ...rooms, directory, attachable }, workspaceFamily);
  const feed = createEventFeed(rooms);
  const types = [
    ...dataFactoryTypes({
      ...rooms,
      publish,
      kinds,
      networkActions: (permission) => networkActions(rooms, permission),
      authoringActions: authoringActions(rooms),
    }),
    ...posternTypes(publish, kinds),
    ...networkTypes({ kinds, privateLinkService, publish, attachable }),
    ...storageTypes({ ...rooms, publish, stores, directory, attachable }),
    ...keyVaultTypes({ publish, stores: vaults, directory, tenantId: rooms.tenantId }),
    ...documentDbTypes({ ...rooms, publish, stores: cosmos, directory, attachable }),
    ...sqlTypes({ ...rooms, publish, stores: sqlServers, directory, attachable }),
    ...synapseTypes({ ...rooms, publish, stores: workspaces, directory, attachable }),
  ];
  tellAll({ ...rooms, feed, types: [resourceGroup, ...types] });
  return {
    types,
    routes: [
      ...storageRoutes,
      ...sqlRoutes,
      ...networkRoutes,
      ...kinds.map(storeFlowsRoute(rooms)),
      ...authoringRoutes(feed, rooms.signInCodes),
    ],
    publish,
    start: async () => {
      await Promise.all([stores, vaults, cosmos, sqlServers, workspaces].map((each) => each.ensureAll()));
      await publish();
    },
    close,
  };
};

// A front door with everything that the providers serve, over a network that remembers what it was told: its decisions
// are the policy's own, but nothing is sealed. What is sealed is tested with the real network.
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { createSignInCodes } from '../../src/arm/studio/sign-in-code.ts';
import { createLog, type Log } from '../../src/base/log.ts';
import type { Database } from '../../src/database/database.ts';
import { openSecretKey, type SecretKey } from '../../src/database/secret.ts';
import { compileSnapshot } from '../../src/network/policy/compiled-snapshot.ts';
import { decide } from '../../src/network/policy/decide.ts';
import type { Flow, Snapshot, Verdict } from '../../src/network/policy/model.ts';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { activityRunMachine } from '../../src/pipelines/activity-run.ts';
import { pipelineRunMachine } from '../../src/pipelines/pipeline-run.ts';
import type { Pipelines } from '../../src/pipelines/pipelines.ts';
import { connectionMachine } from '../../src/private-link/connection.ts';
import { createProviders, type Providers } from '../../src/providers/providers.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { type OpenDoor, openDoor } from './front-door.ts';

/** An open door, and what stands behind it. */
export type Estate = OpenDoor & {
  providers: Providers;
  /** Every snapshot that was applied, oldest first. */
  snapshots: readonly Snapshot[];
  /** Resolves once a snapshot that was applied makes it so. */
  snapshot(fits: () => boolean): Promise<void>;
  /** What the policy says of a flow now. */
  verdict(flow: Partial<Flow> & { network: string }): Verdict;
};

const notHere = (what: string) => (): never => {
  throw new Error(`${what} is not part of this estate.`);
};

const noPipelines: Pipelines = {
  createRun: notHere('createRun'),
  planErrand: notHere('planErrand'),
  getRun: notHere('getRun'),
  getDefinition: notHere('getDefinition'),
  queryRuns: notHere('queryRuns'),
  queryActivityRuns: notHere('queryActivityRuns'),
  cancel: notHere('cancel'),
  forget: async () => () => {},
  recover: async () => {},
  close: async () => {},
};

/** A runtime for estates that run nothing in workers. */
export const noRuntime: Runtime = {
  execute: notHere('execute'),
  status: () => ({ nodes: [], running: 0, waiting: 0 }),
  jobAt: () => null,
  drop: async () => {},
  close: async () => {},
};

/** A sandbox for estates whose stores are all attached. */
export const noSandbox: Sandbox = {
  ensureStorageAccount: notHere('A sandbox store'),
  openStorageAccount: notHere('A sandbox store'),
  removeStorageAccount: notHere('A sandbox store'),
  ensureKeyVault: notHere('A sandbox vault'),
  removeKeyVault: notHere('A sandbox vault'),
  ensureCosmosAccount: notHere('A sandbox account'),
  askCosmosAccount: notHere('A sandbox account'),
  removeCosmosAccount: notHere('A sandbox account'),
  ensureSqlServer: notHere('A sandbox SQL server'),
  removeSqlServer: notHere('A sandbox SQL server'),
  close: async () => {},
};

/** What an estate is opened with; `dataDir` is an earlier one's where that is reopened. */
export type EstateOptions = {
  sandbox?: Sandbox;
  pipelines?: (database: Database, key: SecretKey) => Pipelines;
  dataDir?: string;
  log?: Log;
  /** Also told every snapshot. */
  network?: Pick<SealedNetwork, 'apply'>;
  /** What was recorded of its networks; nothing unless told. */
  flows?: SealedNetwork['flows'];
  onFlow?: SealedNetwork['onFlow'];
  studioFolder?: string;
  runtime?: Runtime;
};

/** Opens an estate. Stores may be attached on loopback. */
export const openEstate = async (options: EstateOptions = {}): Promise<Estate> => {
  const log = options.log ?? createLog({ level: 'silent' });
  const snapshots: Snapshot[] = [];
  const applied = new EventEmitter();
  let providers: Providers | undefined;
  const signInCodes = createSignInCodes();
  const door = await openDoor({
    machines: [connectionMachine, pipelineRunMachine, activityRunMachine],
    routes: () => providers!.routes,
    signInCodes,
    ...(options.studioFolder !== undefined && { studioFolder: options.studioFolder }),
    log,
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
    types: (database, dataDir) => {
      const secretKey = openSecretKey(path.join(dataDir, 'secret.key'));
      providers = createProviders({
        database,
        network: {
          apply: async (snapshot) => {
            snapshots.push(snapshot);
            applied.emit('snapshot');
            return (await options.network?.apply(snapshot)) ?? { cut: 0 };
          },
          current: () => snapshots.at(-1)!,
          flows: options.flows ?? (async () => []),
          onFlow: options.onFlow ?? (() => () => {}),
        },
        sandbox: options.sandbox ?? noSandbox,
        pipelines: options.pipelines?.(database, secretKey) ?? noPipelines,
        runtime: options.runtime ?? noRuntime,
        secretKey,
        tokenIssuer: { key: {}, authority: () => 'https://localhost' },
        tenantId: '10000000-0000-4000-8000-000000000001',
        attachable: ['127.0.0.0/8'],
        signInCodes,
        log,
      });
      return providers.types;
    },
  });
  await providers!.start();
  return {
    ...door,
    providers: providers!,
    snapshots,
    snapshot: async (fits) => {
      while (!fits()) await once(applied, 'snapshot');
    },
    shut: async () => {
      providers!.close();
      await door.shut();
    },
    discard: async () => {
      providers!.close();
      await door.discard();
    },
    verdict: (flow) =>
      decide(compileSnapshot(snapshots.at(-1)!), {
        address: '203.0.113.1',
        port: 443,
        protocol: 'tcp',
        host: null,
        ...flow,
      }),
  };
};

/** Shorthands for the paths of an estate, and a resource group and factory in it. */
export const groupOf = (estate: OpenDoor, name = 'group'): string =>
  `/subscriptions/${estate.subscriptionId}/resourceGroups/${name}`;

export const factoryVersion = 'api-version=2018-06-01';
export const storageVersion = 'api-version=2025-08-01';

/** A resource group, a factory with its managed network, and accounts attached at made-up loopback ports. */
export const furnish = async (
  estate: OpenDoor,
  factory: string,
  accounts: readonly string[],
): Promise<{ group: string; factory: string; network: string; account: (name: string) => string }> => {
  const group = groupOf(estate);
  const factoryId = `${group}/providers/Microsoft.DataFactory/factories/${factory}`;
  const account = (name: string) => `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
  const { admin } = estate;
  await admin.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  await admin.call('PUT', `${factoryId}?${factoryVersion}`, { location: 'westeurope' });
  await admin.call('PUT', `${factoryId}/managedVirtualNetworks/default?${factoryVersion}`, { properties: {} });
  for (const name of accounts)
    await admin.call('PUT', `${account(name)}?${storageVersion}`, {
      location: 'northeurope',
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
      tags: { 'postern-backend': '127.0.0.1:9999' },
    });
  return { group, factory: factoryId, network: `${factoryId}/managedVirtualNetworks/default`, account };
};

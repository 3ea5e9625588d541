// The composition root: builds the rooms, starts them in order, and stops them in reverse. The only place that knows all.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { activities } from './activities/registry.ts';
import { createFrontDoor } from './arm/front-door.ts';
import { type Credentials, ensureAdministrator } from './arm/principal.ts';
import { createSignInCodes } from './arm/studio/sign-in-code.ts';
import { createSign } from './arm/token/sign.ts';
import { createSignIn } from './arm/token/sign-in.ts';
import { openSigningKey } from './arm/token/signing-key.ts';
import type { Log } from './base/log.ts';
import { lockDataFolder } from './database/data-folder.ts';
import { openDatabase } from './database/database.ts';
import { keyFile } from './database/key-file.ts';
import { openSecretKey } from './database/secret.ts';
import { startNetwork } from './network/network.ts';
import type { PublicHost } from './network/policy/model.ts';
import type { SealedNetwork } from './network/sealed-network.ts';
import { activityRunMachine } from './pipelines/activity-run.ts';
import { createPipelines } from './pipelines/create-pipelines.ts';
import { pipelineRunMachine } from './pipelines/pipeline-run.ts';
import { connectionMachine } from './private-link/connection.ts';
import { createFactoryIdentities } from './providers/data-factory/managed-identity.ts';
import { createProviders } from './providers/providers.ts';
import { createRegistry } from './providers/registry.ts';
import type { Tenancy } from './providers/resources/subscription.ts';
import { createRuntime } from './runtime/create-runtime.ts';
import { openCertificateAuthority } from './sandbox/certificate-authority.ts';
import { startSandbox } from './sandbox/start-sandbox.ts';
import { writeTrusted } from './sandbox/trusted-authority.ts';

/** What `postern up` writes to `<data>/connection.json` once it serves: how the administrator connects. */
export type Connection = {
  armEndpoint: string;
  authorityHost: string;
  tenantId: string;
  subscriptionId: string;
  clientId: string;
  clientSecret: string;
  caFile: string;
  studioUrl: string | null;
};

export type PosternOptions = {
  dataDir: string;
  /** 0 picks a free one. */
  port: number;
  host: string;
  /** CIDR ranges that existing stores may be attached at. */
  attachable: readonly string[];
  /** PEM files of authorities that workers trust beside the public ones and Postern's own. */
  trusted?: readonly string[];
  /** Public hosts that the operator vouches for. */
  publicHosts?: readonly PublicHost[];
  log: Log;
};

/** A Postern that serves. */
export type Postern = {
  connection: Connection;
  network: SealedNetwork;
  /** A link that signs the administrator in at the Studio, once. */
  studioLink(): string;
  close(): Promise<void>;
};

const projectRoot = path.resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string };

const openTenancy = (dataDir: string): Tenancy => {
  const make = () => Buffer.from(JSON.stringify({ tenantId: randomUUID(), subscriptionId: randomUUID() }));
  return JSON.parse(keyFile(path.join(dataDir, 'tenancy.json'), make).toString('utf8')) as Tenancy;
};

/** Browsers give `localhost` what they keep from a bare address. */
const studioUrlOf = (origin: string) => `${origin.replace('//127.0.0.1:', '//localhost:')}/studio/`;

/** Whole or not at all, and readable by its owner only. */
const writePrivate = async (file: string, value: object) => {
  const draft = `${file}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
};

const readPrivate = async <Value>(file: string): Promise<Value | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Value;
  } catch {
    return undefined;
  }
};

/**
 * Starts a Postern and resolves once it serves. Throws `DataFolderInUse` where another process has the folder and
 * `StepFailure` where this machine cannot seal a network; whatever was started by then is stopped again.
 */
export const startPostern = async (options: PosternOptions): Promise<Postern> => {
  const { log } = options;
  const dataDir = path.resolve(options.dataDir);
  const stop: (() => Promise<unknown> | unknown)[] = [];
  const close = async () => {
    for (const step of stop.splice(0).reverse()) await step();
  };
  try {
    const lock = lockDataFolder(dataDir);
    stop.push(() => lock.release());
    const connectionFile = path.join(dataDir, 'connection.json');
    const credentialsFile = path.join(dataDir, 'administrator.json');
    // What is there is from a process that has ended: nobody serves yet.
    await rm(connectionFile, { force: true });
    const tenancy = openTenancy(dataDir);
    const secretKey = openSecretKey(path.join(dataDir, 'secret.key'));
    const authorityFolder = path.join(dataDir, 'authority');
    const authority = await openCertificateAuthority(authorityFolder);
    const trustFile = await writeTrusted(authorityFolder, authority.caFile, options.trusted ?? []);

    const database = await openDatabase(path.join(dataDir, 'postern.db'), {
      machines: [connectionMachine, pipelineRunMachine, activityRunMachine],
    });
    stop.push(() => database.destroy());
    const sandbox = await startSandbox({ folder: path.join(dataDir, 'store'), authority, log });
    stop.push(() => sandbox.close());
    const network = await startNetwork({
      seal: { projectRoot, authority: trustFile, cache: path.join(dataDir, 'compiled') },
      publicHosts: options.publicHosts ?? [],
      log,
    });
    stop.push(() => network.close());
    const runtime = createRuntime({ network, log });
    stop.push(() => runtime.close());
    const signingKey = openSigningKey(dataDir);
    // What tokens and challenges say of where they come from; known once the front door listens.
    let origin = `https://localhost:${options.port}`;
    const issuerOrigin = () => origin;
    const signIn = createSignIn(database);
    const pipelines = createPipelines({
      db: database,
      key: secretKey,
      runtime,
      identities: createFactoryIdentities({
        database,
        sign: createSign(signingKey, tenancy.tenantId),
        signIn,
        tenantId: tenancy.tenantId,
        authority: issuerOrigin,
      }),
      activityTypes: activities.map(({ type }) => type),
      log,
    });
    stop.push(() => pipelines.close());
    const signInCodes = createSignInCodes();
    const providers = createProviders({
      database,
      network,
      sandbox,
      pipelines,
      runtime,
      secretKey,
      log,
      tenantId: tenancy.tenantId,
      tokenIssuer: { key: signingKey.jwk, authority: issuerOrigin },
      attachable: options.attachable,
      signInCodes,
    });
    stop.push(() => providers.close());
    await providers.start();
    await pipelines.recover();

    const registry = createRegistry(tenancy, providers.types);
    const frontDoor = createFrontDoor({
      database,
      dataDir,
      log,
      version,
      signInCodes,
      signIn,
      studioFolder: path.join(projectRoot, 'studio/dist'),
      ...tenancy,
      registry: { types: registry.types, routes: [...registry.routes, ...providers.routes] },
      tls: await authority.issue([...new Set(['localhost', '127.0.0.1', '::1', options.host])]),
    });
    stop.push(() => frontDoor.close());
    const administrator = await ensureAdministrator(database, await readPrivate<Credentials>(credentialsFile));
    await writePrivate(credentialsFile, administrator);
    ({ origin } = await frontDoor.listen({ host: options.host, port: options.port }));
    const connection: Connection = {
      armEndpoint: origin,
      authorityHost: origin,
      ...tenancy,
      clientId: administrator.clientId,
      clientSecret: administrator.clientSecret,
      caFile: authority.caFile,
      studioUrl: studioUrlOf(origin),
    };
    await writePrivate(connectionFile, connection);
    stop.push(() => rm(connectionFile, { force: true }));
    const studioLink = () => `${connection.studioUrl}#code=${signInCodes.issue(administrator.objectId).code}`;
    return { connection, network, studioLink, close };
  } catch (error) {
    await close();
    throw error;
  }
};

// The tour: one copy into each of the nine kinds of target. Each time the engineer requests an endpoint, a run fails while
// it waits, the store's owner approves, and the same run copies.
import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../base/json.ts';
import { bytes, duration, nameIn } from '../../base/show.ts';
import type { Client } from '../client.ts';
import { assignRole, findRole, listPrincipals } from '../identity.ts';
import { paint } from '../terminal.ts';
import { fillStores, makeStores } from './estate.ts';
import { decide, endpointState, openPerson, reasons } from './person.ts';
import { runPipeline } from './run.ts';
import type { Stage } from './stage.ts';
import { csv, type Estate, type Target, targets } from './target.ts';

/** Headings of what each target's act gives for the summary. */
export const tourColumns: readonly string[] = ['while it waits', 'rows', 'read', 'copied in'];

const location = 'westeurope';
const adf = 'api-version=2018-06-01';
const rowCount = 2000;

const reference = (type: string, referenceName: string) => ({ type, referenceName });
const films = csv('sales', { type: 'AzureBlobStorageLocation', container: 'input', fileName: 'films.csv' });

const datasetBody = ({ type, linkedService, typeProperties }: Target['dataset']): JsonObject => ({
  properties: { type, linkedServiceName: reference('LinkedServiceReference', linkedService), typeProperties },
});

const pipelineBody = ({ sink, translator }: Target, output: string): JsonObject => ({
  properties: {
    activities: [
      {
        name: 'Copy',
        type: 'Copy',
        policy: { timeout: '0.00:05:00', retry: 0 },
        inputs: [reference('DatasetReference', 'films')],
        outputs: [reference('DatasetReference', output)],
        typeProperties: {
          source: { type: 'DelimitedTextSource', storeSettings: { type: 'AzureBlobStorageReadSettings' } },
          sink,
          ...(translator && { translator }),
        },
      },
    ],
  },
});

/** Plays the tour against the Postern that `admin` administers. Throws where an act does not end as it should. */
export const playTour = async (stage: Stage, admin: Client): Promise<void> => {
  const groups = `/subscriptions/${admin.connection.subscriptionId}/resourceGroups`;
  const stores = `${groups}/stores`;
  const factories = `${groups}/factories`;
  const factory = `${factories}/providers/Microsoft.DataFactory/factories/acme-factory`;
  const network = `${factory}/managedVirtualNetworks/default`;

  let engineer = admin;
  let owner = admin;
  let estate: Estate | undefined;

  await stage.act('The stores of nine targets, and two people', 'administrator', async (line) => {
    for (const id of [stores, factories]) await admin.call('PUT', `${id}?api-version=2021-04-01`, { location });
    line.show('starting storage accounts, SQL servers, a SQL pool, Cosmos DB and a vault');
    estate = await makeStores(admin, stores, `Aa1-${randomBytes(18).toString('base64url')}`);
    engineer = await openPerson(admin, 'engineer', 'Data Factory Contributor', [factories]);
    owner = await openPerson(admin, 'owner', 'Owner', [stores]);
    const keeper = (await listPrincipals(admin)).find(({ name }) => name === 'owner')!;
    await assignRole(admin, keeper.objectId, await findRole(admin, 'Key Vault Secrets Officer'), estate.vault);
    return { as: true, line: 'the engineer is Data Factory Contributor of the factory, the owner Owner of the stores' };
  });
  if (!estate) return;
  const { vault } = estate;
  const made = estate;

  await stage.act('Films to copy, and a secret for the vault', 'owner', async () => {
    const size = await fillStores(owner, made, rowCount);
    return { as: true, line: `films.csv: ${rowCount.toLocaleString('en')} rows, ${bytes(size)}` };
  });

  await stage.act('A factory in a sealed network', 'engineer', async () => {
    const { identity } = await engineer.call('PUT', `${factory}?${adf}`, {
      location,
      identity: { type: 'SystemAssigned' },
    });
    await engineer.call('PUT', `${network}?${adf}`, { properties: {} });
    await engineer.call('PUT', `${factory}/integrationRuntimes/sealed?${adf}`, {
      properties: {
        type: 'Managed',
        typeProperties: { computeProperties: { location: 'AutoResolve' } },
        managedVirtualNetwork: reference('ManagedVirtualNetworkReference', 'default'),
      },
    });
    const { principalId } = identity as { principalId: string };
    await assignRole(owner, principalId, await findRole(admin, 'Key Vault Secrets User'), vault);
    return { as: true, line: "it has no endpoint yet; the vault's owner lets its identity read secrets" };
  });

  const request = async (target: Target, name: string) => {
    for (const { name: endpoint, target: id, groupId, fqdns } of target.endpoints)
      await engineer.call('PUT', `${network}/managedPrivateEndpoints/${endpoint}?${adf}`, {
        properties: { privateLinkResourceId: id, ...(groupId && { groupId }), ...(fqdns && { fqdns }) },
      });
    for (const { name: service, type, typeProperties } of target.linkedServices)
      await engineer.call('PUT', `${factory}/linkedservices/${service}?${adf}`, {
        properties: {
          type,
          connectVia: reference('IntegrationRuntimeReference', 'sealed'),
          typeProperties,
        },
      });
    // The first target's linked service is where the films are.
    await engineer.call('PUT', `${factory}/datasets/films?${adf}`, datasetBody(films));
    await engineer.call('PUT', `${factory}/datasets/${name}?${adf}`, datasetBody(target.dataset));
    await engineer.call('PUT', `${factory}/pipelines/${name}?${adf}`, pipelineBody(target, name));
  };

  for (const target of targets(made)) {
    const name = `to-${target.endpoints[0]!.name}`;
    await stage.act(target.title, 'engineer and owner', async (line) => {
      line.show(`${target.title}: requesting an endpoint`);
      await request(target, name);

      line.show(`${target.title}: a run while it waits, which must fail`);
      const early = await runPipeline(engineer, factory, name, () => {});
      const { codes, endpoints, lines } = reasons(early);
      const isTheirs = endpoints.some((id) => target.endpoints.some((one) => one.name === nameIn(id)));
      if (early.status !== 'Failed' || !codes.includes('EndpointPending') || !isTheirs)
        return { as: false, line: `${early.status} while Pending: ${early.error.message}`, more: lines };

      line.show(`${target.title}: the owner approves`);
      const answer = { status: 'Approved', description: 'Agreed for the tour' } as const;
      for (const id of new Set(target.endpoints.map((one) => one.target)))
        await decide(owner, id, target.version, answer);
      for (const endpoint of target.endpoints) {
        const { status } = await endpointState(engineer, `${network}/managedPrivateEndpoints/${endpoint.name}`);
        if (status !== 'Approved') return { as: false, line: `the endpoint ${endpoint.name} is ${status}` };
      }

      line.show(`${target.title}: the same run, which must copy`);
      const run = await runPipeline(engineer, factory, name, () => {});
      const { rowsCopied, dataRead } = run.output;
      if (run.status !== 'Succeeded')
        return { as: false, line: `${run.status}: ${run.error.message}`, more: reasons(run).lines };
      const copied = `${Number(rowsCopied).toLocaleString('en')} rows`;
      const [read, took] = [bytes(Number(dataRead)), duration(run.elapsedMs)];
      return {
        as: rowsCopied === rowCount,
        line: `${paint('yellow', 'EndpointPending')} → ${paint('green', 'Approved')} → ${copied}, ${read} read, in ${took}`,
        cells: ['EndpointPending', Number(rowsCopied).toLocaleString('en'), read, took],
      };
    });
  }
};

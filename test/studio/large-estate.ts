// More than anybody has, written by the store's own functions into a Postern that runs: thousands of endpoints, of
// connections that wait, and of runs. The API would be asked as many times, one after the other.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Database, Tx } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/database.ts';
import { readResource, writeResource } from '../../src/database/resource.ts';
import { recordStart, transition } from '../../src/database/transition.ts';
import { endpointAddress } from '../../src/network/policy/address-plan.ts';
import { activityRunMachine } from '../../src/pipelines/activity-run.ts';
import { pipelineRunMachine } from '../../src/pipelines/pipeline-run.ts';
import { connectionMachine } from '../../src/private-link/connection.ts';
import { backendTag } from '../../src/providers/attachment.ts';
import { connectionOfEndpoint, moveConnection, requestConnection } from '../../src/providers/target/connection.ts';
import { adf, type StudioEstate, storage } from './studio-estate.ts';

const groupIds = ['blob', 'table', 'file', 'dfs'] as const;
const atOnce = 500;

const numbered = (word: string, index: number) => `${word}${String(index).padStart(4, '0')}`;

/** Turns of `atOnce` items in a transaction each, so that the Postern that runs gets its own turn between. */
const inTurns = async (db: Database, count: number, write: (tx: Tx, index: number) => Promise<void>) => {
  for (let start = 0; start < count; start += atOnce)
    await db.transaction().execute(async (tx) => {
      for (let index = start; index < Math.min(count, start + atOnce); index += 1) await write(tx, index);
    });
};

/** What is written, and who is said to have. */
type Writing = { db: Database; estate: StudioEstate; factory: string; now: string; caller: Caller };
type Caller = { objectId: string; applicationId: string; name: string };

/** A store for each four endpoints, attached where nothing listens, so that none is started. */
const writeStores = async ({ db, estate, now }: Writing, count: number) => {
  const like = (await readResource(db, estate.account('studioshop').toLowerCase()))!;
  await inTurns(db, count, (tx, index) => {
    const id = estate.account(numbered('large', index));
    const tags = { [backendTag]: '127.0.0.1:9' };
    const own = { id, key: id.toLowerCase(), name: numbered('large', index), tags };
    return writeResource(tx, { ...like, ...own, etag: randomUUID(), createdAt: now, updatedAt: now });
  });
};

/** Of ten endpoints seven wait, two are let in and one is refused. */
const writeEndpoints = async ({ db, estate, factory, now, caller }: Writing, count: number) => {
  const network = `${factory}/managedVirtualNetworks/default`;
  const endpointType = 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints';
  await inTurns(db, count, async (tx, index) => {
    const name = numbered('endpoint-', index);
    const id = `${network}/managedPrivateEndpoints/${name}`;
    const target = (await readResource(
      tx,
      estate.account(numbered('large', Math.floor(index / groupIds.length))).toLowerCase(),
    ))!;
    const groupId = groupIds[index % groupIds.length]!;
    const requestMessage = `Nightly load ${index}`;
    const doing = { tx, caller, now };
    await writeResource(tx, {
      id,
      key: id.toLowerCase(),
      type: endpointType,
      name,
      parentKey: network.toLowerCase(),
      location: null,
      tags: {},
      body: { properties: { privateLinkResourceId: target.id, groupId, requestMessage } },
      etag: randomUUID(),
      createdAt: now,
      updatedAt: now,
    });
    await tx
      .insertInto('address')
      .values({
        network_key: network.toLowerCase(),
        address: endpointAddress(index),
        endpoint_key: id.toLowerCase(),
      })
      .execute();
    await requestConnection(doing, {
      name: `${target.name}.${randomUUID()}`,
      target,
      groupId,
      endpointKey: id.toLowerCase(),
      privateEndpointId: `/subscriptions/${randomUUID()}/resourceGroups/large/providers/Microsoft.Network/privateEndpoints/large-factory.${name}`,
      requestMessage,
    });
    if (index % 10 > 2) return;
    const connection = (await connectionOfEndpoint(tx, id.toLowerCase()))!;
    const words = { description: `Ticket ${index}`, actionsRequired: 'None' };
    await moveConnection(doing, connection, index % 10 === 2 ? 'Reject' : 'Approve', words);
  });
};

/** One run a minute, up to now; every seventh failed. */
const writeRuns = async ({ db, factory, now, caller }: Writing, count: number) => {
  const at = (index: number, ms: number) => new Date(Date.parse(now) - (count - index) * 60_000 + ms).toISOString();
  const by = { objectId: caller.objectId, name: caller.name };
  await inTurns(db, count, async (tx, index) => {
    const id = randomUUID();
    const begun = at(index, 0);
    await tx
      .insertInto('pipeline_run')
      .values({
        run_id: id,
        run_group_id: id,
        factory_key: factory.toLowerCase(),
        pipeline_name: numbered('pipeline-', index),
        definition: '{}',
        parameters: '{}',
        invoked_by: JSON.stringify({ id: caller.objectId, name: caller.name, invokedByType: 'Manual' }),
        prior_state: '',
        state: 'Queued',
        version: 1,
        message: '',
        queued_at: begun,
        started_at: null,
        ended_at: null,
        updated_at: begun,
      })
      .execute();
    await recordStart(tx, pipelineRunMachine, id, 'Queued', 'Create', { at: begun, by, reason: '' });
    const move = (
      version: number,
      event: 'Start' | 'Succeed' | 'Fail',
      ms: number,
      set: { [column: string]: string },
    ) =>
      transition(
        tx,
        pipelineRunMachine,
        'pipeline_run',
        id,
        version,
        event,
        { at: at(index, ms), by, reason: '' },
        set,
      );
    await move(1, 'Start', 40, { started_at: at(index, 40) });
    const hasFailed = index % 7 === 0;
    const took = 900 + (index % 50) * 120;
    await move(2, hasFailed ? 'Fail' : 'Succeed', took, {
      ended_at: at(index, took),
      message: hasFailed ? 'Operation on target Copy failed: PrivateEndpointRequired' : '',
    });
  });
};

/** The factory `large-factory` with `count` endpoints (more than a network may ask for by the API) and `count` runs; gives its id. */
export const fillLarge = async (estate: StudioEstate, count: number): Promise<string> => {
  const factory = `${estate.group}/providers/Microsoft.DataFactory/factories/large-factory`;
  await estate.put(`${factory}?${adf}`, { location: 'westeurope' });
  await estate.put(`${factory}/managedVirtualNetworks/default?${adf}`, { properties: {} });
  await estate.put(`${factory}/integrationRuntimes/sealed?${adf}`, {
    properties: {
      type: 'Managed',
      managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
    },
  });
  const db = await openDatabase(path.join(estate.postern.dataDir, 'postern.db'), {
    machines: [connectionMachine, pipelineRunMachine, activityRunMachine],
  });
  try {
    const principal = await db
      .selectFrom('principal')
      .selectAll()
      .where('name', '=', 'administrator')
      .executeTakeFirstOrThrow();
    const caller = {
      objectId: principal.object_id,
      applicationId: principal.application_id,
      name: principal.name,
    };
    const writing: Writing = { db, estate, factory, now: new Date().toISOString(), caller };
    await writeStores(writing, Math.ceil(count / groupIds.length));
    await writeEndpoints(writing, count);
    await writeRuns(writing, count);
  } finally {
    await db.destroy();
  }
  // A write of its own: what stands in the database now becomes what the gateways know.
  const shop = await estate.postern.admin.call('GET', `${estate.account('studioshop')}?${storage}`);
  await estate.put(`${estate.account('studioshop')}?${storage}`, {
    location: shop.location ?? 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
  });
  return factory;
};

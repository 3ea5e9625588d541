import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { assignRole, createPrincipal, findRole } from '../../src/cli/identity.ts';
import { type RunningPostern, startPosternProcess } from '../postern.ts';

let postern: RunningPostern;
before(async () => {
  postern = await startPosternProcess();
});
after(() => postern?.discard());

test("Azure's own clients drive the whole journey: pending, refused, approved, copied, rejected, removed", async () => {
  const { admin, connection } = postern;
  const subscription = `/subscriptions/${connection.subscriptionId}`;
  await admin.call('PUT', `${subscription}/resourceGroups/journey?api-version=2021-04-01`, { location: 'westeurope' });
  const person = async (name: string, role: string) => {
    const principal = await createPrincipal(admin, name);
    await assignRole(admin, principal.objectId, await findRole(admin, role), `${subscription}/resourceGroups/journey`);
    return principal;
  };
  const people = {
    admin: { clientId: connection.clientId, clientSecret: connection.clientSecret },
    engineer: await person('engineer', 'Data Factory Contributor'),
    owner: await person('owner', 'Storage Account Contributor'),
  };

  const { stdout } = await promisify(execFile)(process.execPath, [path.join(import.meta.dirname, 'sdk.mjs')], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: connection.caFile, JOURNEY: JSON.stringify({ ...connection, people }) },
  });
  const saw = JSON.parse(stdout);

  assert.equal(saw.groupExists, true);
  assert.deepEqual(saw.accounts, ['journeysink', 'journeysource']);
  assert.equal(saw.primaryBlob, 'https://journeysource.blob.core.windows.net/');
  assert.deepEqual(saw.privateLinkGroups, ['blob', 'dfs', 'file', 'queue', 'table', 'web']);
  assert.equal(saw.factory, 'Succeeded');
  assert.deepEqual(saw.tagged, { team: 'sales' });
  assert.deepEqual([saw.factories, saw.allFactories], [['journey-factory'], ['journey-factory']]);
  assert.equal(saw.network, 'journey-factory');
  assert.deepEqual(
    [saw.networks, saw.endpoints, saw.runtimes, saw.linkedServices, saw.datasets, saw.pipelines],
    [1, 2, 1, 2, 2, 1],
  );
  assert.equal(saw.leaked, false, 'the account key is never returned');

  assert.equal(saw.before, 'Pending');
  assert.equal(saw.pending.status, 'Failed');
  const codes = (run: { error: { details: { code: string }[] } }) => run.error.details.map(({ code }) => code);
  assert.ok(codes(saw.pending).includes('EndpointPending'), JSON.stringify(saw.pending.error));
  assert.equal(saw.writtenWhilePending, false);
  assert.deepEqual(saw.selfApproval, { status: 403, code: 'AuthorizationFailed' });
  assert.match(saw.connectionNames[0], /source-blob/);

  assert.deepEqual([saw.connection, saw.approved], ['Approved', 'Approved']);
  assert.equal(saw.success.status, 'Succeeded', JSON.stringify(saw.success.error));
  assert.equal(saw.success.output.dataWritten, 5_000_003);
  assert.equal(saw.success.output.filesRead, 1);
  assert.equal(saw.sameBytes, true);

  assert.equal(saw.rejected, 'Rejected');
  assert.equal(saw.afterRejection.status, 'Failed');
  assert.ok(codes(saw.afterRejection).includes('EndpointRejected'), JSON.stringify(saw.afterRejection.error));
  assert.equal(saw.failedRuns, 2);
  assert.equal(saw.removed, 'Disconnected');
  assert.equal(saw.left, 0, 'deleting the endpoint removes the connection at its target');
  assert.equal(saw.groupGone, true);
});

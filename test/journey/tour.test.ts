// `postern demo --tour --keep`, as a person runs it: every kind of target gets its copy, and the links that are printed
// lead two people into a Studio with something to look at.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import { test } from 'node:test';
import { connect } from '../../src/cli/client.ts';
import { values } from '../../src/cli/identity.ts';
import type { Connection } from '../../src/main.ts';

const program = path.resolve(import.meta.dirname, '../../bin/postern.js');
const titles = [
  'Blob storage',
  'Table storage',
  'Data Lake Gen2',
  'Azure Files',
  'SQL Database',
  'SQL Data Warehouse',
  'Cosmos DB',
  'Key Vault',
  'Private Link Service',
];

/** Signs in by the code of a printed link, as the Studio's page does. */
const signIn = async (studio: string, ca: string, code: string): Promise<{ status: number; name: unknown }> => {
  const url = new URL('/studio/session', studio);
  const headers = { 'content-type': 'application/json', 'x-postern-studio': '1' };
  const sent = request(url, { method: 'POST', ca, headers });
  sent.end(JSON.stringify({ code }));
  const [answer] = await once(sent, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode, name: JSON.parse(text).name };
};

test('the tour goes through all nine targets, and what it leaves can be looked at', async () => {
  const child = spawn(process.execPath, [program, 'demo', '--tour', '--keep'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let printed = '';
  const isKept = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        if (printed.includes('Stop it with Ctrl+C')) resolve();
      });
  });
  try {
    await Promise.race([isKept, exited]);
    assert.match(printed, /Every step went as it should/);
    for (const title of titles) {
      assert.match(printed, new RegExp(`✔ ${title} .*\\n +EndpointPending → Approved → 2,000 rows, `), printed);
      assert.match(printed, new RegExp(`as it should +${title} +EndpointPending +2,000 `));
    }
    const [, dataDir = ''] = /env --data (\S+)\)/.exec(printed) ?? [];
    const connection = JSON.parse(readFileSync(path.join(dataDir, 'connection.json'), 'utf8')) as Connection;
    const ca = readFileSync(connection.caFile, 'utf8');
    const links = [...printed.matchAll(/studio as (\w+) +(https:\S+)#code=(\S+)/g)];
    assert.deepEqual(
      links.map(([, who]) => who),
      ['engineer', 'owner'],
    );
    for (const [, who, studio, code] of links) {
      assert.deepEqual(await signIn(studio!, ca, code!), { status: 200, name: who });
      assert.equal((await signIn(studio!, ca, code!)).status, 401, 'once only');
    }
    const admin = await connect(connection);
    const factory = `/subscriptions/${connection.subscriptionId}/resourceGroups/factories/providers/Microsoft.DataFactory/factories/acme-factory`;
    const count = async (kind: string) =>
      values(await admin.call('GET', `${factory}/${kind}?api-version=2018-06-01`)).length;
    assert.deepEqual(
      [await count('pipelines'), await count('managedVirtualNetworks/default/managedPrivateEndpoints')],
      [9, 10],
    );
    admin.close();
  } finally {
    child.kill('SIGINT');
  }
  assert.deepEqual(await exited, [0, null], printed);
});

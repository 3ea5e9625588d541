import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { openDoor } from './front-door.ts';
import { createSender, signIn } from './sender.ts';
import { widgetTypes } from './widget.ts';

const version = 'api-version=2020-01-01';

test('closing waits for the answer under way, and for nobody who is silent', async () => {
  let atWork = () => {};
  const working = new Promise<void>((resolve) => {
    atWork = resolve;
  });
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const door = await openDoor({
    types: () =>
      widgetTypes().map((type) => ({
        ...type,
        write: async (operation) => {
          operation.afterCommit(async () => {
            atWork();
            await finished;
          });
          return operation.body;
        },
      })),
  });
  const group = `/subscriptions/${door.subscriptionId}/resourceGroups/closing`;
  await door.admin.call('PUT', `${group}?api-version=2021-04-01`, { location: 'westeurope' });
  const { hostname, port } = new URL(door.origin);
  const silent = connectPlain(Number(port), hostname);
  await once(silent, 'connect');
  const idle = connectTls({ host: hostname, port: Number(port), ca: readFileSync(door.caFile) });
  await once(idle, 'secureConnect');
  const halfway = connectTls({ host: hostname, port: Number(port), ca: readFileSync(door.caFile) });
  await once(halfway, 'secureConnect');
  halfway.write('GET / HTTP/1.1\r\nhost: a\r\n');
  for (const socket of [silent, idle, halfway]) socket.on('error', () => {});
  const ends = [silent, idle, halfway].map((socket) => once(socket, 'close'));

  // Not the door's own client, which is closed with it.
  const sender = createSender(door.origin, readFileSync(door.caFile));
  const token = await signIn(sender, door.tenantId, door.administrator);
  const answer = sender.send(
    'PUT',
    `${group}/providers/Test.Widget/widgets/Slow?${version}`,
    { location: 'westeurope', properties: {} },
    { authorization: `Bearer ${token}` },
  );
  await working;
  const shut = door.shut();
  await Promise.all(ends);
  finish();
  assert.equal((await answer).status, 201);
  await shut;
  sender.close();
  await rm(door.dataDir, { recursive: true });
});

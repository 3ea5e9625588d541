import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { loopbackNamespace } from '../../../test/network/loopback-namespace.ts';
import { keepNamespaces } from './ready-namespace.ts';

const stage = (count: number, ports: readonly number[]) => {
  const events = new EventEmitter();
  const made: { ports: readonly number[]; isClosed: boolean }[] = [];
  const ready = keepNamespaces({
    count,
    ports,
    open: async (wanted) => {
      const namespace = await loopbackNamespace();
      const entry = { ports: wanted, isClosed: false };
      made.push(entry);
      queueMicrotask(() => events.emit('made', made.length));
      return {
        ...namespace,
        close: () => {
          entry.isClosed = true;
          namespace.close();
        },
      };
    },
    trouble: (error) => {
      throw error;
    },
  });
  return { ready, made, events };
};

test('namespaces are made ahead, and made again when taken', async () => {
  const { ready, made, events } = stage(1, [443]);
  await once(events, 'made');
  const more = once(events, 'made');
  const taken = await ready.take();
  assert.equal(made.length, 1, 'the one that was ready was taken');
  await more;
  ready.close();
  taken.close();
  assert.deepEqual(
    made.map(({ isClosed }) => isClosed),
    [true, true],
  );
});

test('namespaces that lack a port are given up; what is taken listens on all', async () => {
  const { ready, made, events } = stage(1, [443]);
  await once(events, 'made');
  const more = once(events, 'made');
  ready.listenOn([443, 1433]);
  await more;
  assert.deepEqual(
    made.map(({ ports, isClosed }) => [ports, isClosed]),
    [
      [[443], true],
      [[443, 1433], false],
    ],
  );
  ready.listenOn([443]);
  assert.equal(made[1]!.isClosed, false, 'one that listens on more than is needed is kept');
  ready.close();
});

test('with none ready one is made', async () => {
  const { ready, made } = stage(0, [443]);
  (await ready.take()).close();
  assert.equal(made.length, 1);
  ready.close();
});

test('one that was being made while the ports changed is kept or given up, never forgotten', async () => {
  const { ready, made, events } = stage(1, [443]);
  // Before the first is there, and none of it is stale.
  ready.listenOn([443]);
  await once(events, 'made');
  (await ready.take()).close();
  assert.equal(made[0]!.isClosed, true, 'the one that was made was there to be taken');
  ready.close();
});

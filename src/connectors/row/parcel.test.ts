import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { createParcelSender, writingOf } from './parcel.ts';

const unaborted = new AbortController().signal;

test('so many parcels are under way at once, and of two with a common key one after the other', async () => {
  const sender = createParcelSender(2);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const send = (name: string, ...keys: string[]) =>
    sender.send(
      new Set(keys),
      () =>
        new Promise((resolve) => {
          begun.push(name);
          ends.set(name, resolve);
        }),
      unaborted,
    );
  await send('first', 'a', 'b');
  const second = send('second', 'b', 'c');
  const third = send('third', 'd');
  await third;
  assert.deepEqual(begun, ['first', 'third']);
  const fourth = send('fourth', 'e');
  ends.get('third')!();
  await fourth;
  assert.deepEqual(begun, ['first', 'third', 'fourth']);
  ends.get('first')!();
  await second;
  assert.deepEqual(begun, ['first', 'third', 'fourth', 'second']);
  for (const end of ends.values()) end();
  await sender.settled();
});

test('the first failure ends what is under way and refuses what comes; a write that fails leaves nothing under way', async () => {
  const sender = createParcelSender(2);
  let isUnderWay = true;
  await sender.send(
    new Set(['a']),
    async (signal) => {
      await once(signal, 'abort');
      await new Promise(setImmediate);
      isUnderWay = false;
      throw signal.reason;
    },
    unaborted,
  );
  await sender.send(new Set(['b']), () => Promise.reject(new Error('refused')), unaborted);
  const add = (_row: readonly unknown[], rowNumber: number, signal: AbortSignal) =>
    sender.send(new Set([`${rowNumber}`]), () => Promise.resolve(), signal);
  const writing = writingOf(sender, add, async () => {});
  await assert.rejects(writing.write({ columns: [], rows: [[], []] }, unaborted), /refused/);
  assert.equal(isUnderWay, false);
  await assert.rejects(writing.end(unaborted), /refused/);
});

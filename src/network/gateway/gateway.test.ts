import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { endOf, openStage } from '../../../test/network/gateway-stage.ts';
import { chooseReading } from './buffered-socket.ts';

assert.equal(await chooseReading(), 'buffer', 'on the Node that we bring, accepted sockets are read into buffers');

test('an approved flow is relayed both ways, half-close included, and recorded when it starts and ends', async () => {
  const stage = await openStage();
  try {
    const worker = stage.dial();
    const store = await stage.arrival();
    worker.end('a question');
    assert.equal(await text(store.resume()), 'a question');
    store.end('and an answer');
    assert.equal(await text(worker), 'and an answer');
    const record = await stage.recorded((each) => each.endedAt !== null);
    assert.deepEqual(
      [record.code, record.verdict, record.end, record.bytesSent, record.bytesReceived, record.worker],
      ['Allowed.PrivateEndpoint', 'allowed', 'closed', 10, 13, 'worker'],
    );
    assert.equal(stage.records.filter((each) => each.id === record.id).length, 2);
  } finally {
    await stage.close();
  }
});

for (const [code, changes] of [
  ['EndpointPending', { state: 'Pending' }],
  ['EndpointRejected', { state: 'Rejected' }],
  ['EndpointDisconnected', { state: 'Disconnected' }],
  ['UnknownPort', { ports: [1] }],
  ['AddressLiteral', { address: '127.0.0.2' }],
  ['StoreUnavailable', { backend: null }],
  ['StoreUnavailable', { backend: { address: 'localhost', port: 443 } }],
] as const)
  test(`a flow that is ${code} is reset, nothing arrives, and the reason is recorded (${JSON.stringify(changes)})`, async () => {
    const stage = await openStage(changes);
    stage.store.on('connection', () => assert.fail('the store was dialled'));
    try {
      assert.equal(await endOf(stage.dial()), 'ECONNRESET');
      stage.gateway.report();
      const record = stage.records[0]!;
      assert.deepEqual([record.code, record.verdict], [code, 'denied']);
      assert.ok(record.message && record.remedy && record.endedAt);
    } finally {
      await stage.close();
    }
  });

test('a store that refuses the dial is StoreUnavailable', async () => {
  const stage = await openStage({ backend: { address: '127.0.0.1', port: 1 } });
  try {
    assert.equal(await endOf(stage.dial()), 'ECONNRESET');
    const record = await stage.recorded((each) => each.endedAt !== null);
    assert.deepEqual([record.code, record.verdict, record.end], ['StoreUnavailable', 'denied', 'failed']);
  } finally {
    await stage.close();
  }
});

test('a reset on either side is a reset on the other', async () => {
  const stage = await openStage();
  try {
    for (const side of ['worker', 'store'] as const) {
      const worker = stage.dial();
      const store = await stage.arrival();
      worker.write('x');
      await once(store.resume(), 'data');
      const [broken, other] = side === 'worker' ? [worker, store] : [store, worker];
      const end = endOf(other);
      broken.resetAndDestroy();
      assert.equal(await end, 'ECONNRESET', side);
    }
  } finally {
    await stage.close();
  }
});

test('a worker has a bounded number of flows, and room again when one ends', async () => {
  const stage = await openStage({}, { flows: 2 });
  try {
    const first = stage.dial();
    await stage.arrival();
    stage.dial();
    await stage.arrival();
    assert.equal(await endOf(stage.dial()), 'ECONNRESET');
    stage.gateway.report();
    assert.equal(stage.records.at(-1)!.code, 'TooManyFlows');
    first.resetAndDestroy();
    await stage.recorded((each) => each.end === 'closed' && each.verdict === 'allowed');
    stage.dial();
    await stage.arrival();
  } finally {
    await stage.close();
  }
});

test('a slow reader holds the sender back', async () => {
  const stage = await openStage();
  try {
    const worker = stage.dial();
    const store = await stage.arrival();
    const block = Buffer.alloc(1024 * 1024, 1);
    let offered = 0;
    // Far more than all buffers between the two can hold.
    while (offered < 64 && worker.write(block, () => {})) offered += 1;
    for (let more = 0; more < 64; more += 1) worker.write(block);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(worker.writableLength > 0, 'the sender is held back');
    let received = 0;
    store.on('data', (bytes: Buffer) => {
      received += bytes.length;
    });
    worker.end();
    await once(store.resume(), 'end');
    assert.equal(received, worker.bytesWritten);
  } finally {
    await stage.close();
  }
});

test('closing a place ends its flows and frees its sockets', async () => {
  const stage = await openStage();
  try {
    const end = endOf(stage.dial());
    await stage.arrival();
    await stage.gateway.closePlace('place');
    assert.equal(await end, 'ECONNRESET');
    assert.equal(await endOf(stage.dial()), 'ECONNREFUSED');
    await stage.gateway.closePlace('place');
  } finally {
    await stage.close();
  }
});

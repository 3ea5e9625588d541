import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../base/json.ts';
import { maxLineBytes, type WorkerMessage } from './protocol.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

const start = (context: TestContext) => {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'pipe'] });
  context.after(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    say: (message: object | string) =>
      child.stdin.write(typeof message === 'string' ? message : `${JSON.stringify(message)}\n`),
    hear: async (): Promise<WorkerMessage | undefined> => {
      const { value, done } = await lines.next();
      return done ? undefined : JSON.parse(value);
    },
  };
};

const exitCode = async (child: ChildProcess) => child.exitCode ?? (await once(child, 'exit'))[0];

const job = (jobId: string, type: string, more: JsonObject = {}) => ({
  kind: 'run',
  job: {
    jobId,
    type,
    name: 'One',
    typeProperties: {},
    inputs: [],
    outputs: [],
    linkedService: null,
    effectiveIntegrationRuntime: 'x',
    ...more,
  },
});

test('a worker is ready, runs one job after another, and stops when it is told to', async (context) => {
  const { child, say, hear } = start(context);
  assert.deepEqual(await hear(), { kind: 'ready' });
  say(job('1', 'HelloWorld', { typeProperties: { name: 'you' } }));
  assert.deepEqual(await hear(), { kind: 'done', jobId: '1', output: { greeting: 'Hello, you' } });
  say(job('2', 'HelloWorld', { typeProperties: { name: 5 } }));
  const failed = await hear();
  assert.ok(failed?.kind === 'failed' && failed.failure.errorCode === 'UserErrorInvalidProperty');
  assert.equal(failed.failure.target, 'One');
  say(job('3', 'DatabricksNotebook'));
  const unknown = await hear();
  assert.ok(unknown?.kind === 'failed' && unknown.failure.errorCode === 'UserErrorUnsupportedActivity');
  say({ kind: 'stop' });
  assert.equal(await exitCode(child), 0);
});

test('a worker ends with its input', async (context) => {
  const { child, hear } = start(context);
  await hear();
  child.stdin.end();
  assert.equal(await exitCode(child), 0);
});

test('a line in pieces is one message; lines together are several', async (context) => {
  const { say, hear } = start(context);
  await hear();
  const text = `${JSON.stringify(job('1', 'HelloWorld'))}\n`;
  for (const piece of [text.slice(0, 10), text.slice(10, -1), '\n']) {
    say(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal((await hear())?.kind, 'done');
  say(`\n${JSON.stringify({ kind: 'cancel', jobId: 'none' })}\n${text}`);
  assert.equal((await hear())?.kind, 'done');
});

for (const [what, line] of [
  ['is not JSON', 'nonsense\n'],
  ['is no message', '{"kind":"dance"}\n'],
  ['is null', 'null\n'],
  ['is too long', `${' '.repeat(maxLineBytes + 1)}\n`],
  ['never ends', ' '.repeat(maxLineBytes + 1)],
] as const)
  test(`a line that ${what} ends the worker, and says why where complaints go`, async (context) => {
    const { child, say, hear } = start(context);
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    await hear();
    say(line);
    assert.equal(await exitCode(child), 70);
    assert.match(complaint, /BadLine|A line/);
    assert.equal(await hear(), undefined);
  });

test('a job that waits for a store is cancelled, and the worker goes on; a second job meanwhile is refused', async (context) => {
  // A store that takes the connection and never says a word.
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  context.after(() => silent.close());
  const connected = once(silent, 'connection');
  const { say, hear } = start(context);
  await hear();
  const { port } = silent.address() as { port: number };
  const typeProperties = {
    connectionString: `AccountName=acmesales;AccountKey=a2V5;BlobEndpoint=https://127.0.0.1:${port}`,
  };
  const set = (name: string) => ({
    name,
    type: 'Binary',
    typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'box' } },
    linkedService: { name: 'ls', type: 'AzureBlobStorage', typeProperties },
  });
  const copy = { source: { type: 'BinarySource' }, sink: { type: 'BinarySink' } };
  say(job('1', 'Copy', { typeProperties: copy, inputs: [set('in')], outputs: [set('out')] }));
  const [socket] = await connected;
  say(job('2', 'HelloWorld'));
  const messages: WorkerMessage[] = [];
  const hearEnd = async () => {
    for (;;) {
      const message = await hear();
      if (message?.kind !== 'progress') return message;
      messages.push(message);
    }
  };
  const refused = await hearEnd();
  assert.ok(refused?.kind === 'failed' && refused.jobId === '2' && refused.failure.failureType === 'SystemError');
  say({ kind: 'cancel', jobId: '1' });
  const cancelled = await hearEnd();
  assert.ok(
    cancelled?.kind === 'failed' && cancelled.jobId === '1' && cancelled.failure.errorCode === 'ActivityCancelled',
  );
  socket.destroy();
  say(job('3', 'HelloWorld'));
  assert.equal((await hearEnd())?.kind, 'done');
});

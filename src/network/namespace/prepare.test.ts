import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { StepFailure } from './holder.ts';
import { launchWorker } from './launch.ts';
import { type NamespaceMaker, startNamespaceMaker } from './open.ts';
import { type PreparedSeal, prepareSeal } from './prepare.ts';

const projectRoot = path.resolve(import.meta.dirname, '../../..');

let prepared: PreparedSeal;
let maker: NamespaceMaker;
before(async () => {
  prepared = await prepareSeal({ projectRoot, folders: ['node_modules', 'src/base', 'src/network/namespace'] });
  maker = await startNamespaceMaker(prepared.seal);
});
after(() => {
  maker?.close();
  prepared?.close();
});

const run = async (...expression: string[]): Promise<string> => {
  const namespace = await maker.open({ ports: [443] });
  const jailed = await launchWorker(prepared.seal, namespace.networkNamespace, {
    module: `data:text/javascript,${encodeURIComponent(expression.join(';'))}`,
  });
  jailed.stdin.end();
  const said = await text(jailed.stdout);
  assert.equal(await text(jailed.stderr), '');
  assert.deepEqual(await jailed.exited, { code: 0, signal: null });
  namespace.close();
  return said;
};

test('once warm, the cache holds the compiled bootstrap, and a worker cannot add to it', async () => {
  await prepared.warmed;
  const said = await run(
    'import fs from "node:fs"',
    'const [folder] = fs.readdirSync("/cache")',
    'console.log(fs.readdirSync("/cache/" + folder).length > 1)',
    'try { fs.writeFileSync("/cache/" + folder + "/x", "") } catch (error) { console.log(error.code) }',
  );
  assert.equal(said, 'true\nEROFS\n');
});

test('what one start has compiled, the next one finds, and its workers cannot add to it either', async () => {
  const cache = await mkdtemp(path.join(tmpdir(), 'postern-compiled-'));
  const options = { projectRoot, folders: ['node_modules', 'src/base', 'src/network/namespace'], cache };
  const first = await prepareSeal(options);
  await first.warmed;
  first.close();
  const [kept = ''] = readdirSync(cache);
  const [inner = ''] = readdirSync(path.join(cache, kept));
  const compiled = readdirSync(path.join(cache, kept, inner)).sort();
  assert.ok(compiled.length > 1);
  const second = await prepareSeal(options);
  const own = await startNamespaceMaker(second.seal);
  const namespace = await own.open({ ports: [443] });
  const jailed = await launchWorker(second.seal, namespace.networkNamespace, {
    module: `data:text/javascript,${encodeURIComponent(
      `import fs from 'node:fs';
      console.log(fs.readdirSync('/cache/${inner}').sort().join());
      for (const name of ['x', '${compiled[0]}'])
        try { fs.writeFileSync('/cache/${inner}/' + name, '') } catch (error) { console.log(error.code) }
      console.log(fs.readFileSync('/cache/${inner}/${compiled[0]}').length > 0);`,
    )}`,
  });
  jailed.stdin.end();
  assert.equal(await text(jailed.stdout), `${compiled.join()}\nEROFS\nEROFS\ntrue\n`);
  await jailed.exited;
  namespace.close();
  own.close();
  second.close();
  await rm(cache, { recursive: true });
});

test('a worker sees the folders it was given and no others', async () => {
  const said = await run('import fs from "node:fs"', 'console.log(fs.readdirSync("/postern/src").join())');
  assert.equal(said, 'base,network\n');
});

test('namespaces are made one after the other, each its own, however many are asked for at once', async () => {
  const opened = await Promise.all([443, 8443, 10000].map((port) => maker.open({ ports: [port] })));
  assert.deepEqual(
    opened.map(({ listeners }) => listeners.map(({ port }) => port)),
    [[443], [8443], [10000]],
  );
  const own = readlinkSync('/proc/self/ns/net');
  const names = opened.map(({ networkNamespace }) => readlinkSync(networkNamespace));
  assert.equal(new Set([own, ...names]).size, 4);
  for (const namespace of opened) namespace.close();
});

test('a namespace that cannot be made is told, and the next one is made', async () => {
  await assert.rejects(
    maker.open({ ports: [443, 443] }),
    (error) => error instanceof StepFailure && error.step === 'network' && /EADDRINUSE/.test(error.said),
  );
  const next = await maker.open({ ports: [443] });
  assert.equal(next.listeners.length, 1);
  next.close();
});

test('a maker that has ended says so', async () => {
  const ended = await startNamespaceMaker(prepared.seal);
  const waiting = assert.rejects(ended.open({ ports: [443] }), StepFailure);
  ended.close();
  await waiting;
});

test('a root that cannot be assembled: the step, the reason, and nothing left behind', async () => {
  await assert.rejects(
    prepareSeal({ projectRoot: path.join(projectRoot, 'nothing'), warm: false }),
    (error) => error instanceof StepFailure && error.step === 'mount' && /nothing\/package\.json/.test(error.said),
  );
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith(`postern-seal-${process.pid}-`));
  assert.deepEqual(left, []);
});

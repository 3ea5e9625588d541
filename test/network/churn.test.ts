// Comings and goings: workers started and destroyed, endpoints requested, approved, rejected and deleted in a whole
// Postern. Afterwards nothing of them is left. CHURN=2000 makes it 2000 of each.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { asModule, startTruePostern, type TruePostern } from './true-postern.ts';

const workers = Number(process.env.CHURN ?? 30);
const endpoints = Number(process.env.CHURN ?? 120);
const atOnce = 4;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let whole: TruePostern;
let database: DatabaseSync;
before(async () => {
  whole = await startTruePostern();
  await whole.attach('acmesales', 9);
  database = new DatabaseSync(path.join(whole.dataDir, 'postern.db'), { readOnly: true });
  // The cache of compiled modules is filled in the background, by a jail of its own that comes and goes.
  await settles(isWarming, false, 60_000);
});
after(async () => {
  database?.close();
  await whole?.close();
});

const quietly = <Value>(look: () => Value, otherwise: Value): Value => {
  try {
    return look();
  } catch {
    // It ended while it was looked at.
    return otherwise;
  }
};
/** This process and all below it, by what they run. */
const family = (pid: number): number[] => [
  pid,
  ...quietly(
    () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    [] as number[],
  ).flatMap(family),
];
const descriptorsOf = (pid: number): string[] =>
  quietly(() => readdirSync(`/proc/${pid}/fd`), [] as string[]).map((each) =>
    quietly(() => readlinkSync(`/proc/${pid}/fd/${each}`), ''),
  );
const running = (program: string): number[] =>
  family(process.pid).filter((pid) =>
    quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '').includes(program),
  );
const gateways = (): number[] => running('gateway/main.ts');
const isWarming = (): boolean => [...running('namespace/warm.ts'), ...running('echo ready; read -r _')].length > 0;
const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

/** All that could be left behind. */
const traces = () => {
  const pids = family(process.pid);
  const namespaces = pids.flatMap((pid) => [
    ...descriptorsOf(pid).filter((link) => link.startsWith('net:')),
    quietly(() => readlinkSync(`/proc/${pid}/ns/net`), ''),
  ]);
  return {
    processes: pids.length,
    networkNamespaces: new Set(namespaces).size,
    own: descriptorsOf(process.pid).filter((link) => !link.startsWith('socket:')).length,
    gateways: gateways().map((pid) => descriptorsOf(pid).length),
  };
};
const rows = (): Record<string, unknown> => ({
  ...database
    .prepare(
      'select (select count(*) from address) as addresses, (select count(*) from connection) as connections, (select count(*) from resource) as resources',
    )
    .get(),
});

/** Looks until what is seen is what is wanted: what a process leaves, the kernel takes away a moment later. */
const settles = async <Value>(look: () => Value, wanted: Value, limitMs = 10_000): Promise<void> => {
  const until = Date.now() + limitMs;
  for (;;) {
    const seen = look();
    try {
      return assert.deepEqual(seen, wanted);
    } catch (error) {
      if (Date.now() > until) throw error;
      await turn();
    }
  }
};

const inTurns = async (count: number, act: (index: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await act(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
};

test(`${workers} workers started and destroyed: no process, namespace or descriptor is left, and the gateways do not grow`, async () => {
  const { network } = whole.postern;
  const module = asModule('jailed-caller.ts');
  const live = async (index: number) => {
    const place = await network.open(`churn-${index}`, whole.networkKey);
    const jailed = await place.launch({ module });
    const answered = new Promise((resolve) => jailed.stdout.once('data', resolve));
    jailed.stdin.write(`${JSON.stringify({ kind: 'dial', host: 'acmesales.blob.core.windows.net', port: 443 })}\n`);
    // Every third is destroyed before it has begun.
    if (index % 3 !== 0) assert.equal(String(await answered), '"ECONNRESET"\n');
    await place.close();
  };
  await inTurns(12, live);
  await settles(() => new Set(readyNamespaces()).size, 1);
  const ready = readyNamespaces();
  const before = traces();
  const memory = gateways().map(residentMiB);
  await inTurns(workers, live);
  await settles(readyNamespaces, ready);
  await settles(traces, before);
  for (const [at, pid] of gateways().entries())
    assert.ok(residentMiB(pid) - memory[at]! < 24, `${memory[at]} MiB, then ${residentMiB(pid)}`);
});

/** Namespaces that each gateway holds ready: they are made in the background, so they are waited for. */
const readyNamespaces = (): number[] =>
  gateways().map((pid) => descriptorsOf(pid).filter((link) => link.startsWith('net:')).length);

test(`${endpoints} endpoints requested, approved, rejected and deleted: no row, descriptor or memory is left`, async () => {
  const live = async (index: number) => {
    const name = `churn-${index}`;
    // The same pair of target and group may not be asked for twice, so one at a time for each account.
    const connection = await whole.request(name, 'acmesales');
    await whole.decide(connection, 'Approved');
    if (index % 2 === 0) await whole.decide(connection, 'Rejected');
    await whole.removeEndpoint(name);
  };
  for (let index = 0; index < 10; index += 1) await live(index);
  // First the rows: the database file is opened by the first question.
  const before = { rows: rows(), ...traces() };
  collectGarbage();
  const heap = process.memoryUsage().heapUsed;
  for (let index = 10; index < 10 + endpoints; index += 1) await live(index);
  await settles(() => ({ rows: rows(), ...traces() }), before);
  assert.deepEqual(
    whole.postern.network.current().networks.flatMap((each) => each.endpoints),
    [],
  );
  collectGarbage();
  const grown = (process.memoryUsage().heapUsed - heap) / 1024 / 1024;
  assert.ok(grown < 8 + endpoints / 200, `${grown} MiB`);
});

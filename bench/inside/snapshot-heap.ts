// Says how much heap a snapshot with so many endpoints takes once it is compiled and all else is collected.
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type CompiledSnapshot, compileSnapshot } from '../../src/network/policy/compiled-snapshot.ts';
import type { Snapshot } from '../../src/network/policy/model.ts';
import { benchSnapshot } from '../harness/sealed-client.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

// As a gateway has it: from text, and compiled.
let kept: CompiledSnapshot;
const take = (text: string): void => {
  kept = compileSnapshot(JSON.parse(text) as Snapshot);
};

process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { endpoints } = JSON.parse(line) as { endpoints: number };
  take(JSON.stringify(benchSnapshot([9], endpoints - 1)));
  collectGarbage();
  const megabytes = process.memoryUsage().heapUsed / 1e6;
  process.stdout.write(`${JSON.stringify({ megabytes, networks: kept!.networks.size })}\n`);
}

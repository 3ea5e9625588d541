// A control plane for `lifetime.test.ts` to kill: launches the puppet, prints the jail's process id, and passes on what
// it is told.
import { once } from 'node:events';
import { launchWorker } from '../../src/network/namespace/launch.ts';
import type { Seal } from '../../src/network/namespace/seal.ts';

const [seal, networkNamespace] = process.argv.slice(2);
const jailed = await launchWorker(JSON.parse(seal!) as Seal, networkNamespace!, {
  module: '/postern/test/isolation/puppet.ts',
});
process.stdin.pipe(jailed.stdin);
jailed.stdout.pipe(process.stdout);
jailed.stderr.pipe(process.stderr);
process.stdout.write(`${jailed.pid}\n`);
await once(process, 'exit');

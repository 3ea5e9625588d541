// A process that drives the runs of a database file, to be killed in the middle of them. Arguments: the file, the key
// in hex, and how many runs to ask for; it prints each run's id once it is committed, then `ready`.
import { openFactory } from './factory.ts';

const [file = '', key = '', runs = '0'] = process.argv.slice(2);
const factory = await openFactory({
  file,
  key: Buffer.from(key, 'hex'),
  environment: { STAND_IN_LOG: `${file}.jobs` },
});
if (Number(runs) > 0) {
  for (let index = 0; index < Number(runs); index += 1) process.stdout.write(`${await factory.createRun()}\n`);
} else await factory.pipelines.recover();
process.stdout.write('ready\n');

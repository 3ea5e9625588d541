// The first JavaScript of a worker: refuses to go on unless the kernel says that this process is sealed.
import { readFileSync } from 'node:fs';

const status = readFileSync('/proc/self/status', 'utf8');
const value = (name: string): string | undefined => status.match(new RegExp(`^${name}:\\s*(\\S+)`, 'm'))?.[1];

const unsealed = [
  ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].filter((name) => !/^0+$/.test(value(name) ?? '')),
  ...(value('NoNewPrivs') === '1' ? [] : ['NoNewPrivs']),
  ...(value('Seccomp') === '2' ? [] : ['Seccomp']),
];
if (unsealed.length > 0) {
  process.stderr.write(`postern: this worker is not sealed (${unsealed.join(', ')}), so it does not start\n`);
  process.exit(111);
}

// The program shall see itself as the main module's arguments, as if it had been started by name.
const [node, , program, ...rest] = process.argv;
process.argv = [node!, program!, ...rest];
await import(program!);

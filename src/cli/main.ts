// The `postern` command: a table of commands, each loaded when it is called.
import { parseArgs } from 'node:util';
import { CommandError } from './command-error.ts';
import { paint, say, tame } from './terminal.ts';

/** What an option was given: a value, or all of its values, in order. */
type Given = Record<string, string | boolean | (string | boolean)[] | undefined>;

/** One command: its words, its options (all take a value but those that are `boolean`), and what it does. */
type Command = {
  words: string;
  /** Positional arguments, for the usage line: `NAME`. */
  takes?: string;
  summary: string;
  options: Record<string, { type: 'string' | 'boolean'; multiple?: true; says: string }>;
  load(): Promise<{ run(options: Given, rest: string[]): Promise<void> }>;
};

const data = { type: 'string', says: 'data folder (default ./.postern)' } as const;
const where = {
  network: { type: 'string', says: 'id of a managed virtual network' },
  factory: { type: 'string', says: 'name of a factory (default: the only one)' },
} as const;
const json = { type: 'boolean', says: 'print JSON' } as const;

const commands: readonly Command[] = [
  {
    words: 'up',
    summary: 'Start Postern and serve until stopped',
    options: {
      data,
      port: { type: 'string', says: 'port (default 8443; 0 picks a free one)' },
      host: { type: 'string', says: 'address to listen on (default 127.0.0.1: this machine only)' },
      attachable: {
        type: 'string',
        says: 'address ranges that existing stores may be attached from, as CIDR, by comma',
      },
      trust: {
        type: 'string',
        multiple: true,
        says: 'PEM file, repeatable: authorities whose certificates workers accept beside the public ones',
      },
      'public-host': {
        type: 'string',
        multiple: true,
        says: 'NAME=ADDRESS:PORT, repeatable: where a public host is dialled, even inside; the egress rules hold',
      },
    },
    load: () => import('./command/up.ts'),
  },
  {
    words: 'demo',
    summary: 'Watch a pipeline fail, be approved, succeed, and be cut off',
    options: {
      tour: { type: 'boolean', says: 'copy into each of the nine kinds of target instead' },
      keep: { type: 'boolean', says: 'leave Postern running at the end, with links to the Studio' },
    },
    load: () => import('./command/demo.ts'),
  },
  {
    words: 'doctor',
    summary: 'Say whether this machine can seal a network and, if not, what to change',
    options: { json },
    load: () => import('./command/doctor.ts'),
  },
  {
    words: 'env',
    summary: 'Print how to connect, as shell exports',
    options: { data, json },
    load: () => import('./command/env.ts'),
  },
  {
    words: 'studio',
    summary: 'Print a link that signs in at the Studio, once, within 10 minutes',
    options: { data, principal: { type: 'string', says: 'name of a principal (default: the administrator)' } },
    load: () => import('./command/studio.ts'),
  },
  {
    words: 'principal create',
    summary: 'Make a client-credential principal with a role at a scope; its secret is shown once',
    options: {
      data,
      name: { type: 'string', says: 'display name' },
      role: { type: 'string', says: 'role name or id, as "Data Factory Contributor"' },
      scope: { type: 'string', says: 'ARM id, or / for everything' },
      json,
    },
    load: () => import('./command/principal-create.ts'),
  },
  {
    words: 'principal list',
    summary: 'Show principals and their roles',
    options: { data, json },
    load: () => import('./command/principal-list.ts'),
  },
  {
    words: 'principal delete',
    takes: 'NAME',
    summary: 'Remove a principal and its role assignments',
    options: { data },
    load: () => import('./command/principal-delete.ts'),
  },
  {
    words: 'store list',
    summary: 'Show the stores that Postern runs',
    options: { data, json },
    load: () => import('./command/store-list.ts'),
  },
  {
    words: 'store show',
    takes: 'NAME',
    summary: 'Print loopback addresses, a connection string and the CA file of a store',
    options: { data, json },
    load: () => import('./command/store-show.ts'),
  },
  {
    words: 'explain',
    takes: 'HOST[:PORT]',
    summary: 'Say whether a worker may reach a host, by which rule, and who can change it',
    options: { data, ...where, probe: { type: 'boolean', says: 'also try it from a real worker' }, json },
    load: () => import('./command/explain.ts'),
  },
  {
    words: 'flows',
    summary: 'Show what workers tried to reach and what came of it',
    options: {
      data,
      ...where,
      follow: { type: 'boolean', says: 'go on showing flows as they are decided' },
      top: { type: 'string', says: 'how many (default 50)' },
      json,
    },
    load: () => import('./command/flows.ts'),
  },
  {
    words: 'reachability',
    summary: 'Show everything that a factory can reach and, probed, prove that the rest is closed',
    options: {
      data,
      ...where,
      probe: { type: 'boolean', says: 'try everything from real workers' },
      output: { type: 'string', says: 'save a report as .html or .json' },
      json,
    },
    load: () => import('./command/reachability.ts'),
  },
];

const help = () => {
  say(`${paint('bold', 'postern')}: a data factory whose pipelines run inside a sealed network\n`);
  for (const command of commands) {
    say(`  ${paint('cyan', ['postern', command.words, command.takes].filter(Boolean).join(' '))}`);
    say(`      ${command.summary}`);
    for (const [name, option] of Object.entries(command.options))
      say(paint('dim', `      --${name}${option.type === 'string' ? ' VALUE' : ''}  ${option.says}`));
  }
};

const main = async (words: string[]) => {
  if (words.length === 0 || words.includes('--help') || words[0] === 'help') return help();
  const command = commands.find(({ words: own }) => own === words.slice(0, own.split(' ').length).join(' '));
  if (!command)
    throw new CommandError(`There is no command \`${tame(words.join(' '))}\`. \`postern help\` lists them.`, {
      status: 2,
    });
  const args = words.slice(command.words.split(' ').length);
  let parsed: { values: Given; positionals: string[] };
  try {
    parsed = parseArgs({ args, options: command.options, allowPositionals: command.takes !== undefined, strict: true });
  } catch (error) {
    throw new CommandError(`${(error as Error).message.split('. ')[0]}. \`postern help\` lists the options.`, {
      status: 2,
    });
  }
  const { run } = await command.load();
  await run(parsed.values, parsed.positionals);
};

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// Started below the launcher: when that has gone, so has the person who could stop this.
if (process.channel) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  process.stderr.write(`${paint('red', 'postern:')} ${error.code ? `${error.code}: ` : ''}${tame(error.message)}\n`);
  process.exitCode = error.status;
}

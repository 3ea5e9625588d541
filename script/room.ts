// The rooms of the house and what each may import. `npm run check` holds the code to this table, and the same table
// stands in ARCHITECTURE.md.

/** One room: a folder (or file) below `src/`, what lives there, and the rooms or files that it may import. */
export type Room = { path: string; holds: string; mayImport: readonly string[] };

/** In order of reading: the front of the house first. `base` may be imported by all and is not repeated. */
export const rooms: readonly Room[] = [
  {
    path: 'main.ts',
    holds: 'The composition root: builds the rooms, starts them in order, stops them in reverse',
    mayImport: ['*'],
  },
  {
    path: 'cli',
    holds: 'The `postern` command. The only room that prints',
    mayImport: ['main.ts', 'network'],
  },
  {
    path: 'arm',
    holds:
      'The front door: listener, tokens, authorization, routes made from the registry, etags, paging, long-running operations, error bodies',
    mayImport: ['database'],
  },
  {
    path: 'providers',
    holds: 'One folder per resource provider, each listed once in `registry.ts`',
    mayImport: [
      'arm',
      'private-link',
      'pipelines',
      'network',
      'runtime',
      'sandbox',
      'database',
      'activities',
      'connectors',
    ],
  },
  {
    path: 'private-link',
    holds: 'The life of a private endpoint connection: states, moves, who may decide. Pure',
    mayImport: [],
  },
  {
    path: 'network',
    holds:
      '`policy` (pure: decide, names, address plan, reasons), `gateway` (the process: relay, DNS, flow log), `namespace` (Linux: seal, jail, doctor)',
    mayImport: ['private-link'],
  },
  {
    path: 'runtime',
    holds: "Integration runtimes: the pool of workers, time-to-live, the host's side of the job protocol",
    mayImport: ['network', 'worker/protocol.ts', 'activities/job.ts'],
  },
  {
    path: 'worker',
    holds: 'The program inside the jail: the protocol and the executors of activities',
    mayImport: ['activities', 'connectors', 'expressions'],
  },
  {
    path: 'pipelines',
    holds: 'Runs: the interpreter, dependencies, retry, recovery',
    mayImport: ['runtime', 'activities', 'expressions', 'database', 'connectors/resolved.ts', 'connectors/sign-in.ts'],
  },
  {
    path: 'activities',
    holds: 'One folder per activity type, listed once in `registry.ts`',
    mayImport: ['connectors', 'expressions'],
  },
  {
    path: 'connectors',
    holds: 'One folder per store, listed once in `registry.ts`; `formats`; `row`: the one shape in which rows travel',
    mayImport: [],
  },
  { path: 'expressions', holds: 'The pipeline expression language', mayImport: [] },
  {
    path: 'sandbox',
    holds: 'Stores that Postern starts for its user, and the local certificate authority',
    mayImport: [],
  },
  { path: 'database', holds: 'Tables, migrations, transactions, sealed secrets', mayImport: [] },
  { path: 'base', holds: 'Errors, JSON, log, state machines', mayImport: [] },
];

/** What the Studio may take from the server's rooms: pure words, names and shapes that a browser can hold. Else it speaks HTTP. */
export const studioMayImport: readonly string[] = [
  'arm/resource-type.ts',
  'base',
  'cli/network-shape.ts',
  'cli/report',
  'network/policy/zone.ts',
  'providers/data-factory/name.ts',
];

/** The table as ARCHITECTURE.md shows it. */
export const roomTable = (): string =>
  [
    '| room | what lives here | may import |',
    '| --- | --- | --- |',
    ...rooms.map((room) => {
      const imports = room.mayImport.map((name) => (name === '*' ? 'everything' : `\`${name}\``)).join(', ') || 'none';
      return `| \`src/${room.path}\` | ${room.holds} | ${imports} |`;
    }),
  ].join('\n');

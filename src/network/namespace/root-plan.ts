// What a worker sees of the machine: the whole of its file system, as a list of things to make.
import { dirname } from 'node:path';

/** One thing in the workers' root. `source` is a path of the host, the target of a link, or the text of a file. */
export type RootEntry =
  | { kind: 'directory'; target: string }
  | { kind: 'link' | 'text' | 'file' | 'folder'; target: string; source: string };

/** Where the program lies in a jail. */
export const programFolder = '/postern';
/** The address of the only resolver, Azure's own for it. */
export const resolverAddress = '168.63.129.16';
/** Where Node keeps compiled code: workers read it, only `warm.ts` writes it. */
export const cacheFolder = '/cache';
/** The certificate authorities that workers trust besides the public ones. */
export const authorityFile = '/etc/postern/ca.pem';

export type RootParts = {
  /** Programs of the host by their name in the jail's /bin. */
  programs: Readonly<Record<string, string>>;
  libraries: readonly string[];
  /** The program's files and folders, relative to its root. */
  projectRoot: string;
  projectFiles: readonly string[];
  projectFolders: readonly string[];
  authority: string | null;
};

const texts: Readonly<Record<string, string>> = {
  '/etc/resolv.conf': `nameserver ${resolverAddress}\noptions timeout:5 attempts:2\n`,
  '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  '/etc/passwd': 'worker:x:0:0:worker:/tmp:/bin/false\n',
  '/etc/group': 'worker:x:0:\n',
};

const devices = ['null', 'zero', 'full', 'random', 'urandom'];

/** Everything in the workers' root, parents before children. */
export const rootPlan = (parts: RootParts): RootEntry[] => {
  const entries: RootEntry[] = [
    ...Object.entries(texts).map(([target, source]) => ({ kind: 'text' as const, target, source })),
    { kind: 'link', target: '/etc/mtab', source: '/proc/self/mounts' },
    ...devices.map((name) => ({ kind: 'file' as const, target: `/dev/${name}`, source: `/dev/${name}` })),
    ...Object.entries(parts.programs).map(([name, source]) => ({
      kind: 'file' as const,
      target: `/bin/${name}`,
      source,
    })),
    ...parts.libraries.map((source) => ({ kind: 'file' as const, target: source, source })),
    ...parts.projectFiles.map((path) => ({
      kind: 'file' as const,
      target: `${programFolder}/${path}`,
      source: `${parts.projectRoot}/${path}`,
    })),
    ...parts.projectFolders.map((path) => ({
      kind: 'folder' as const,
      target: `${programFolder}/${path}`,
      source: `${parts.projectRoot}/${path}`,
    })),
  ];
  if (parts.authority) entries.push({ kind: 'file', target: authorityFile, source: parts.authority });
  const parents = new Set(['/proc', '/tmp', cacheFolder, ...entries.map((entry) => dirname(entry.target))]);
  return [...[...parents].sort().map((target) => ({ kind: 'directory' as const, target })), ...entries];
};

/** The plan as `assemble-root.sh` reads it. Throws for a path that a line cannot hold. */
export const rootPlanLines = (plan: readonly RootEntry[]): string => {
  const lines = plan.map((entry) => {
    const source = entry.kind === 'directory' ? '' : entry.source;
    const shown = entry.kind === 'text' ? source.replaceAll('\\', '\\\\').replaceAll('\n', '\\n') : source;
    if (/[\t\n]/.test(entry.target + shown))
      throw new Error(`A path with a tab or a line break cannot be mounted into a worker: ${JSON.stringify(source)}`);
    return [entry.kind, entry.target, shown].join('\t');
  });
  return `${lines.join('\n')}\nend\n`;
};

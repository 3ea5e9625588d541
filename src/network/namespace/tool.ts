import { execFile } from 'node:child_process';
import { access, constants, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The programs of the host that a seal is made with: util-linux, iproute2, libc's `ldd`, and a shell. */
export const toolNames = [
  'sh',
  'mount',
  'umount',
  'pivot_root',
  'mkdir',
  'ln',
  'unshare',
  'nsenter',
  'setpriv',
  'prlimit',
  'ip',
  'ldd',
] as const;

export type ToolName = (typeof toolNames)[number];
export type Tools = Readonly<Record<ToolName, string>>;

/** Where to look, whatever PATH says: a user's PATH often lacks the sbin folders. */
export const toolPath = [
  ...new Set([...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin', '/sbin', '/bin']),
].filter((folder) => folder.startsWith('/'));

const findTool = async (name: string): Promise<string | undefined> => {
  for (const folder of toolPath) {
    const path = `${folder}/${name}`;
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return realpath(path);
  }
  return undefined;
};

/** Absolute paths of all tools, and the names of those that are not installed. */
export const findTools = async (): Promise<{ tools: Partial<Tools>; missing: ToolName[] }> => {
  const found = await Promise.all(toolNames.map(async (name) => [name, await findTool(name)] as const));
  return {
    tools: Object.fromEntries(found.filter(([, path]) => path !== undefined)),
    missing: found.filter(([, path]) => path === undefined).map(([name]) => name),
  };
};

const run = promisify(execFile);

/** Shared libraries (and the loader) of the given programs, as absolute paths without duplicates. */
export const sharedLibraries = async (ldd: string, programs: readonly string[]): Promise<string[]> => {
  const { stdout } = await run(ldd, [...programs], { env: { LC_ALL: 'C', PATH: toolPath.join(':') } });
  return parseLibraries(stdout);
};

/** The paths in the output of `ldd`. */
export const parseLibraries = (output: string): string[] => [
  ...new Set([...output.matchAll(/(?:=>\s*|^\s+)(\/\S+) \(0x/gm)].map((match) => match[1]!)),
];

import { createLog } from '../../base/log.ts';
import { duration } from '../../base/show.ts';
import type { PublicHost } from '../../network/policy/model.ts';
import { parsePublicHosts } from '../../network/policy/public-host.ts';
import { CommandError } from '../command-error.ts';
import { start } from '../start.ts';
import { paint, say } from '../terminal.ts';

/** Resolves at SIGINT or SIGTERM. A second signal ends the process at once. */
export const untilStopped = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
  });

const portOf = (text: string) => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new CommandError(`--port ${text}: a port is a number from 0 to 65535.`, { status: 2 });
  return port;
};

const publicHostsOf = (texts: readonly string[]): PublicHost[] => {
  try {
    return parsePublicHosts(texts);
  } catch (error) {
    throw new CommandError(`--public-host ${(error as Error).message}`, { status: 2, cause: error });
  }
};

/** Serves until stopped. Refuses where the machine cannot seal a network, or another process has the data folder. */
export const run = async (options: {
  data?: string;
  port?: string;
  host?: string;
  attachable?: string;
  trust?: string[];
  'public-host'?: string[];
}): Promise<void> => {
  const begun = performance.now();
  const dataDir = options.data ?? '.postern';
  const postern = await start({
    dataDir,
    port: portOf(options.port ?? '8443'),
    host: options.host ?? '127.0.0.1',
    attachable: options.attachable?.split(',') ?? [],
    trusted: options.trust ?? [],
    publicHosts: publicHostsOf(options['public-host'] ?? []),
    log: createLog({ level: 'warn' }),
  });
  say(
    `${paint('green', '●')} Postern serves ${paint('bold', postern.connection.armEndpoint)}  ${paint('dim', `started in ${duration(performance.now() - begun)}`)}`,
  );
  say(`  data       ${dataDir}`);
  say(`  studio     ${postern.studioLink()}`);
  say(`  connect    eval "$(npx postern env --data ${dataDir})"`);
  await untilStopped();
  say('Stopping.');
  await postern.close();
};

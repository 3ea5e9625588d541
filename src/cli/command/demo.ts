import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '../../base/log.ts';
import { duration } from '../../base/show.ts';
import { connect } from '../client.ts';
import { CommandError } from '../command-error.ts';
import { playJourney } from '../demo/journey.ts';
import { openStage } from '../demo/stage.ts';
import { start } from '../start.ts';
import { paint, say } from '../terminal.ts';
import { untilStopped } from './up.ts';

/** Plays the journey on a Postern of its own, in a temporary data folder. Exit status 0 only if every step went as it should. */
export const run = async (options: { keep?: boolean }): Promise<void> => {
  const begun = performance.now();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'postern-demo-'));
  const stage = openStage();
  let postern: Awaited<ReturnType<typeof start>> | undefined;
  let good = false;
  const starting = {
    dataDir,
    port: 0,
    host: '127.0.0.1',
    attachable: [],
    log: createLog({ file: path.join(dataDir, 'postern.log') }),
  };
  say(
    `\n${paint('bold', 'Postern')}  a pipeline fails while its endpoints wait, succeeds once approved, and is cut off on a rejection\n`,
  );
  try {
    await stage.act('Start Postern', 'you', async () => {
      postern = await start(starting);
      return { as: true, line: `${postern.connection.armEndpoint}, data in ${dataDir}` };
    });
    const client = await connect(postern!.connection);
    await playJourney(stage, client).finally(client.close);
    good = true;
  } catch (error) {
    say(`\n${paint('red', (error as Error).message)}`);
  }
  good = stage.close() && good;
  say(good ? `\n${paint('green', 'Every step went as it should')}, in ${duration(performance.now() - begun)}.` : '');
  if (postern && options.keep) {
    say(`\nPostern still runs. Connect with:  eval "$(npx postern env --data ${dataDir})"\nStop it with Ctrl+C.`);
    await untilStopped();
  }
  await postern?.close();
  if (good || options.keep) await rm(dataDir, { recursive: true, force: true });
  if (!good)
    throw new CommandError(`Not every step went as it should. The log is ${path.join(dataDir, 'postern.log')}.`);
};

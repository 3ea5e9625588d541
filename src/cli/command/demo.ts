import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '../../base/log.ts';
import { duration } from '../../base/show.ts';
import { type Client, connect } from '../client.ts';
import { CommandError } from '../command-error.ts';
import { playJourney } from '../demo/journey.ts';
import { openStage } from '../demo/stage.ts';
import { playTour, tourColumns } from '../demo/tour.ts';
import { listPrincipals, signInLink } from '../identity.ts';
import { start } from '../start.ts';
import { paint, say } from '../terminal.ts';
import { untilStopped } from './up.ts';

const journey = {
  says: 'a pipeline fails while its endpoints wait, succeeds once approved, and is cut off on a rejection',
  columns: [],
  play: playJourney,
};
const tour = {
  says: 'one copy into each of the nine kinds of target, each as its owner decides',
  columns: tourColumns,
  play: playTour,
};

/** Where to look at what the demo has made: links that sign in its people, once. */
const sayLinks = async (client: Client): Promise<void> => {
  const people = await listPrincipals(client);
  for (const name of ['engineer', 'owner']) {
    const found = people.find((one) => one.name === name);
    if (found) say(`  studio as ${name.padEnd(10)} ${await signInLink(client, found.objectId)}`);
  }
};

/** Plays the journey, or the tour, on a Postern of its own in a temporary data folder. Exit status 0 only if every step went as it should. */
export const run = async (options: { keep?: boolean; tour?: boolean }): Promise<void> => {
  const demo = options.tour ? tour : journey;
  const begun = performance.now();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'postern-demo-'));
  const stage = openStage(demo.columns);
  let postern: Awaited<ReturnType<typeof start>> | undefined;
  let client: Client | undefined;
  let good = false;
  const starting = {
    dataDir,
    port: 0,
    host: '127.0.0.1',
    // The tour's Private Link Service leads to a database on this machine.
    attachable: options.tour ? ['127.0.0.1/32'] : [],
    log: createLog({ file: path.join(dataDir, 'postern.log') }),
  };
  say(`\n${paint('bold', 'Postern')}  ${demo.says}\n`);
  try {
    await stage.act('Start Postern', 'you', async () => {
      postern = await start(starting);
      return { as: true, line: `${postern.connection.armEndpoint}, data in ${dataDir}` };
    });
    client = await connect(postern!.connection);
    await demo.play(stage, client);
    good = true;
  } catch (error) {
    say(`\n${paint('red', (error as Error).message)}`);
  }
  good = stage.close() && good;
  say(good ? `\n${paint('green', 'Every step went as it should')}, in ${duration(performance.now() - begun)}.` : '');
  if (postern && client && options.keep) {
    say('\nPostern still runs. Each link signs in once, within 10 minutes:');
    await sayLinks(client);
    say(`  connect    eval "$(npx postern env --data ${dataDir})"\nStop it with Ctrl+C.`);
    await untilStopped();
  }
  client?.close();
  await postern?.close();
  if (good || options.keep) await rm(dataDir, { recursive: true, force: true });
  if (!good)
    throw new CommandError(`Not every step went as it should. The log is ${path.join(dataDir, 'postern.log')}.`);
};

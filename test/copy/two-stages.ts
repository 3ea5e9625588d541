// Storage accounts and a database in this process at once: each stage's names lead where it leads them, and both authorities
// are trusted.
import dns from 'node:dns';
import tls from 'node:tls';
import { openStage } from './stage.ts';

type Closable = { close(): Promise<void> };

/** Opens the accounts, then the database's stage. */
export const openTwoStages = async <Stage extends Closable>(openDatabaseStage: () => Promise<Stage>) => {
  const accounts = await openStage();
  const accountLookup = dns.lookup;
  const trusted = tls.getCACertificates('default');
  const database = await openDatabaseStage().catch(async (error: unknown) => {
    await accounts.close();
    throw error;
  });
  const databaseLookup = dns.lookup;
  tls.setDefaultCACertificates([...trusted, ...tls.getCACertificates('default')]);
  const lookup = (host: string, options: object, answer: (...answers: unknown[]) => void) =>
    host.endsWith('.core.windows.net')
      ? accountLookup(host, options, answer as never)
      : databaseLookup(host, options, answer as never);
  dns.lookup = lookup as typeof dns.lookup;
  return {
    accounts,
    database,
    close: async () => {
      await database.close();
      await accounts.close();
    },
  };
};

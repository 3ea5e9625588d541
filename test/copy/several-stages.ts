// Several stages in this process at once, such as storage accounts and a database: each one's names lead where it leads
// them, and all their authorities are trusted.
import dns from 'node:dns';
import tls from 'node:tls';

type Stage = { close(): Promise<void> };
type Answer = (error: (Error & { code?: string }) | null, ...rest: unknown[]) => void;
type Lookup = (host: string, options: object, answer: Answer) => void;

/** Opens them, one after the other. `close` ends all. */
export const openStages = async <Stages extends readonly Stage[]>(
  ...opens: { [At in keyof Stages]: () => Promise<Stages[At]> }
): Promise<{ stages: Stages; close(): Promise<void> }> => {
  const systemLookup = dns.lookup;
  const stages: Stage[] = [];
  const lookups: Lookup[] = [];
  const trusted: string[] = [];
  const close = async () => {
    for (const stage of stages.toReversed()) await stage.close();
    dns.lookup = systemLookup;
  };
  try {
    for (const open of opens) {
      dns.lookup = systemLookup;
      stages.push(await open());
      lookups.push(dns.lookup as unknown as Lookup);
      trusted.push(...tls.getCACertificates('default'));
    }
  } catch (error) {
    await close();
    throw error;
  }
  tls.setDefaultCACertificates(trusted);
  const ask = (at: number, host: string, options: object, answer: Answer): void =>
    lookups[at]!(host, options, (error, ...rest) => {
      if (error?.code === 'ENOTFOUND' && at + 1 < lookups.length) ask(at + 1, host, options, answer);
      else answer(error, ...rest);
    });
  dns.lookup = ((host: string, options: object, answer: Answer) => ask(0, host, options, answer)) as typeof dns.lookup;
  return { stages: stages as unknown as Stages, close };
};

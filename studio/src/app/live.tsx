// Keeps what is on the screen true without a Refresh button: the server's events say what to ask again. Where events do
// not come through, everything on the screen is asked again every few seconds.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { type Change, isTouched, readChange } from '../api/event.ts';

/** `live`: events arrive. `polling`: they do not, and everything is asked now and then. */
export type Liveness = 'starting' | 'live' | 'polling';

const LiveContext = createContext<Liveness>('starting');

/** How the screen is kept true at the moment. */
export const useLiveness = (): Liveness => useContext(LiveContext);

const gatherMs = 120;
/** After a storm was answered it is gathered as long again as that took, at most this. */
const longestRestMs = 3000;
const pollMs = 4000;
const againMs = 5000;

const pathIn = (key: readonly unknown[]) => (key[0] === 'arm' ? String(key[1]) : null);

const pause = (ms: number) => new Promise<void>((resolve) => window.setTimeout(resolve, ms));

/** Gathers changes for a moment, so that a storm of them asks once; and again when that is answered, for a long list takes its time. */
const createGatherer = (client: QueryClient) => {
  let changes: Change[] = [];
  let timer: number | undefined;
  let isStopped = false;
  const flush = async () => {
    const gathered = changes;
    changes = [];
    const begun = performance.now();
    const answered = client.invalidateQueries({
      predicate: ({ queryKey }) => {
        const path = pathIn(queryKey);
        return path !== null && gathered.some((change) => isTouched(path, change));
      },
    });
    // Who waits for somebody to sign in again holds up nobody else.
    await Promise.race([answered, pause(longestRestMs)]);
    const rest = Math.min(longestRestMs, Math.max(gatherMs, performance.now() - begun));
    timer = changes.length === 0 || isStopped ? undefined : window.setTimeout(() => void flush(), rest);
  };
  return {
    add: (change: Change) => {
      changes.push(change);
      timer ??= window.setTimeout(() => void flush(), gatherMs);
    },
    stop: () => {
      isStopped = true;
      window.clearTimeout(timer);
    },
  };
};

const askAll = (client: QueryClient) =>
  void client.invalidateQueries({ predicate: ({ queryKey }) => pathIn(queryKey) !== null });

const follow = (client: QueryClient, url: string, tell: (liveness: Liveness) => void): (() => void) => {
  const gatherer = createGatherer(client);
  let source: EventSource | undefined;
  let again: number | undefined;
  let hasFailed = false;
  const open = () => {
    source = new EventSource(url);
    source.addEventListener('open', () => {
      if (hasFailed) askAll(client);
      hasFailed = false;
      tell('live');
    });
    source.addEventListener('change', ({ data }) => {
      const change = readChange(String(data));
      if (change) gatherer.add(change);
    });
    source.addEventListener('reset', () => askAll(client));
    source.addEventListener('error', () => {
      hasFailed = true;
      tell('polling');
      // The browser comes back by itself, except after an answer that was no stream.
      if (source?.readyState !== EventSource.CLOSED) return;
      again = window.setTimeout(open, againMs);
      // It may be the session that has ended: asking tells.
      askAll(client);
    });
  };
  open();
  return () => {
    window.clearTimeout(again);
    gatherer.stop();
    source?.close();
  };
};

/** Follows the events of a subscription for everything inside. */
export const Live = ({
  subscriptionId,
  isPaused,
  children,
}: {
  subscriptionId: string;
  isPaused: boolean;
  children: ReactNode;
}) => {
  const client = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>('starting');
  useEffect(() => {
    if (isPaused) return;
    const url = `/subscriptions/${subscriptionId}/providers/Postern.Authoring/events?api-version=2026-11-01`;
    return follow(client, url, setLiveness);
  }, [client, subscriptionId, isPaused]);
  useEffect(() => {
    if (liveness !== 'polling' || isPaused) return;
    const timer = window.setInterval(() => askAll(client), pollMs);
    return () => window.clearInterval(timer);
  }, [client, liveness, isPaused]);
  return <LiveContext value={liveness}>{children}</LiveContext>;
};

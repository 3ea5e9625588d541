// Answers that go on: event streams. They end when the client goes, when who asked may no longer ask, and at closing.
import type { ServerResponse } from 'node:http';
import type { Identity } from './identity.ts';

/** One open stream, as its writer sees it. */
export type Stream = {
  /** Who reads it. */
  objectId: string;
  /** What the client says that it had last; null where it begins. */
  lastEventId: string | null;
  /** Sends text. A reader that has a megabyte unread is let go of. */
  write(text: string): void;
  /** Ends it after what was written. */
  end(): void;
  /** Aborted once it has ended, for whatever reason. */
  ended: AbortSignal;
};

/** The streams of a front door. */
export type Streams = {
  /** Begins an answer; throws what `begin` throws before anything was sent. */
  open(
    response: ServerResponse,
    ask: { identity: Identity; lastEventId: string | null; headers: Record<string, string> },
    begin: (stream: Stream) => void,
  ): void;
  /** Ends them all. */
  close(): void;
};

const mostUnread = 1024 * 1024;
const longestTimerMs = 2 ** 31 - 1;

/** No streams yet. */
export const createStreams = (): Streams => {
  const open = new Set<() => void>();
  return {
    open: (response, { identity, lastEventId, headers }, begin) => {
      const ended = new AbortController();
      const end = () => response.end();
      const over = () => {
        clearTimeout(timer);
        open.delete(end);
        identity.ended?.removeEventListener('abort', end);
        ended.abort();
      };
      const timer = setTimeout(end, Math.min(longestTimerMs, Math.max(0, identity.until - Date.now())));
      timer.unref();
      const write = (text: string) => {
        if (response.writableEnded || response.destroyed) return;
        if (!response.headersSent) response.writeHead(200, headers);
        response.write(text);
        if (response.writableLength > mostUnread) response.destroy();
      };
      try {
        begin({ objectId: identity.objectId, lastEventId, write, end, ended: ended.signal });
      } catch (error) {
        over();
        throw error;
      }
      open.add(end);
      response.once('close', over);
      identity.ended?.addEventListener('abort', end);
      if (identity.ended?.aborted) end();
      if (response.destroyed) over();
    },
    close: () => {
      for (const end of open) end();
    },
  };
};

// Everybody's window on what changes: the latest events, numbered, and the streams that they are sent over. New events
// and those that a client missed are sent by the same loop, each time with the rights of that moment.
import { randomBytes } from 'node:crypto';
import { readHeld } from '../../arm/authorization/access.ts';
import { type Grant, isGranted } from '../../arm/authorization/grant.ts';
import { readCaller } from '../../arm/principal.ts';
import type { Stream } from '../../arm/stream.ts';
import { ServiceError } from '../../base/error.ts';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../database/database.ts';
import type { Event } from './event.ts';

/** Most events that are kept for those who come back. */
export const mostKept = 1000;
const mostStreams = 100;
const mostOfPrincipal = 20;
const heartbeatMs = 15_000;

/** Takes events and sends them to whoever may know of them. */
export type EventFeed = {
  add(events: readonly Event[]): void;
  /** Sends a stream all that comes, and before it what came since its last event. Errors: 429 `TooManyStreams`. */
  attach(stream: Stream): void;
};

type Reader = { stream: Stream; next: number };

const tooMany = (message: string) =>
  new ServiceError(429, 'TooManyStreams', `${message} Close one and try again.`, { headers: { 'retry-after': '5' } });

/** A feed with no events yet. */
export const createEventFeed = ({ database, log }: { database: Database; log: Log }): EventFeed => {
  // Numbers begin anew with each process; who comes with a number of another one starts over.
  const epoch = randomBytes(4).toString('hex');
  const readers = new Set<Reader>();
  /** `kept[0]` has the number `first`. */
  let kept: Event[] = [];
  let first = 1;
  let running = false;
  let heartbeat: NodeJS.Timeout | undefined;

  const head = () => first + kept.length;
  const idLine = (number: number) => `id: ${epoch}-${number}\n`;
  const isBehind = ({ next }: Reader) => next < head();

  /** The number that a stream goes on with; null where it missed more than is kept. */
  const nextOf = (lastEventId: string | null): number | null => {
    const [, of, number] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(lastEventId ?? '') ?? [];
    if (lastEventId === null) return head();
    const next = Number(number) + 1;
    return of === epoch && next >= first && next <= head() ? next : null;
  };

  const reset = () => `event: reset\n${idLine(head() - 1)}data: {}\n\n`;

  /** Sends what came before the number `end`: the rights are not older than that. */
  const send = (reader: Reader, held: readonly Grant[], end: number) => {
    const { next, stream } = reader;
    if (next < first) {
      reader.next = head();
      return stream.write(reset());
    }
    reader.next = end;
    const text = kept
      .slice(next - first, end - first)
      .map((event, index) => ({ event, number: next + index }))
      .filter(({ event }) => isGranted(held, event.permission, event.scope))
      .map(({ event, number }) => `event: change\n${idLine(number)}data: ${JSON.stringify(event.data)}\n\n`)
      .join('');
    if (text !== '') stream.write(text);
  };

  /** The roles of a principal; null where it is gone. */
  const heldBy = (objectId: string) =>
    database
      .transaction()
      .execute(async (tx) => ((await readCaller(tx, objectId)) ? await readHeld(tx, objectId) : null));

  const round = async () => {
    const end = head();
    const rights = new Map<string, readonly Grant[] | null>();
    for (const reader of [...readers].filter(isBehind)) {
      const { objectId } = reader.stream;
      if (!rights.has(objectId)) rights.set(objectId, await heldBy(objectId));
      const held = rights.get(objectId)!;
      if (held !== null) send(reader, held, end);
      else {
        readers.delete(reader);
        reader.stream.end();
      }
    }
  };

  const run = async () => {
    if (running) return;
    running = true;
    try {
      while ([...readers].some(isBehind)) await round();
    } catch (error) {
      log.error({ err: error }, 'events could not be sent; their streams end');
      for (const { stream } of readers) stream.end();
    } finally {
      running = false;
    }
  };

  return {
    add: (events) => {
      kept.push(...events);
      const over = Math.max(0, kept.length - mostKept);
      kept = kept.slice(over);
      first += over;
      void run();
    },
    attach: (stream) => {
      if (readers.size >= mostStreams) throw tooMany(`There are ${mostStreams} event streams already.`);
      const own = [...readers].filter((reader) => reader.stream.objectId === stream.objectId).length;
      if (own >= mostOfPrincipal) throw tooMany(`You have ${mostOfPrincipal} event streams already.`);
      const next = nextOf(stream.lastEventId);
      const reader = { stream, next: next ?? head() };
      readers.add(reader);
      heartbeat ??= setInterval(() => {
        for (const one of readers) one.stream.write(': still here\n\n');
      }, heartbeatMs).unref();
      stream.ended.addEventListener('abort', () => {
        readers.delete(reader);
        if (readers.size > 0) return;
        clearInterval(heartbeat);
        heartbeat = undefined;
      });
      const sequence = `${epoch}-${reader.next - 1}`;
      const hello = `retry: 1000\nevent: hello\nid: ${sequence}\ndata: ${JSON.stringify({ sequence })}\n\n`;
      stream.write(next === null ? hello + reset() : hello);
      void run();
    },
  };
};

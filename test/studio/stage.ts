// What tests of the Studio's server share: an estate with a built page, and requests as a browser sends them.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../src/base/json.ts';
import { type Estate, type EstateOptions, openEstate } from '../api/estate.ts';

/** What came back, unread beyond its text. */
export type Seen = { status: number; headers: IncomingMessage['headers']; text: string; body: JsonObject };

/** One event of a stream. */
export type StreamEvent = { event: string; id: string; data: JsonObject };

/** An open event stream. */
export type Listening = {
  status: number;
  /** The next event that `wanted` takes, among those that came and come. */
  next(wanted?: (event: StreamEvent) => boolean): Promise<StreamEvent>;
  /** All events so far. */
  all: StreamEvent[];
  ended: Promise<void>;
  stop(): void;
};

/** An estate that a browser looks at. */
export type StudioStage = Estate & {
  /** Sends one request, with no header but those given. */
  browse(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<Seen>;
  /** Signs somebody in with a code and gives the cookie; the administrator unless told. */
  cookie(objectId?: string): Promise<string>;
  /** Opens the event stream. */
  listen(headers: Record<string, string>): Promise<Listening>;
  folder: string;
};

/** Headers of the Studio's own requests. */
export const asStudio = (cookie: string): Record<string, string> => ({
  cookie,
  'x-postern-studio': '1',
  'sec-fetch-site': 'same-origin',
});

const readEvents = (response: IncomingMessage, onEvent: (event: StreamEvent) => void) => {
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
      const lines = text.slice(0, at).split('\n');
      text = text.slice(at + 2);
      const of = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = of('data');
      if (data !== undefined)
        onEvent({ event: of('event') ?? '', id: of('id') ?? '', data: JSON.parse(data) as JsonObject });
    }
  });
};

/** Opens it, with a page in its Studio. */
export const openStudio = async (options: EstateOptions = {}): Promise<StudioStage> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-studio-'));
  await mkdir(path.join(folder, 'dist/assets'), { recursive: true });
  await writeFile(path.join(folder, 'secret.txt'), 'not for browsers');
  await writeFile(
    path.join(folder, 'dist/index.html'),
    '<!doctype html><html><head><title>Studio</title></head></html>',
  );
  await writeFile(path.join(folder, 'dist/assets/app-1a2b3c.js'), 'export {};');
  await symlink('../secret.txt', path.join(folder, 'dist/linked.txt'));
  const estate = await openEstate({ studioFolder: path.join(folder, 'dist'), ...options });
  const agent = new Agent({ ca: readFileSync(estate.caFile), keepAlive: true });
  const ask = (method: string, place: string, headers: Record<string, string>, body?: string) => {
    const sent = request(`${estate.origin}/`, { agent, method, path: place, headers, servername: 'localhost' });
    sent.end(body);
    return once(sent, 'response') as Promise<[IncomingMessage]>;
  };
  const browse: StudioStage['browse'] = async (method, place, headers = {}, body) => {
    const [response] = await ask(method, place, headers, body);
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    const isJson = /json/.test(response.headers['content-type'] ?? '');
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? (JSON.parse(text) as JsonObject) : {},
    };
  };
  const shut = estate.shut;
  return {
    ...estate,
    folder,
    browse,
    cookie: async (objectId) => {
      const made = await estate.admin.call(
        'POST',
        '/providers/Postern.Authoring/signInCodes?api-version=2026-11-01',
        objectId === undefined ? {} : { principalId: objectId },
      );
      const body = JSON.stringify({ code: made.code });
      const entered = await browse('POST', '/studio/session', { 'content-type': 'application/json' }, body);
      return entered.headers['set-cookie']![0]!.split(';')[0]!;
    },
    listen: async (headers) => {
      const place = `/subscriptions/${estate.subscriptionId}/providers/Postern.Authoring/events?api-version=2026-11-01`;
      const sent = request(`${estate.origin}${place}`, { ca: readFileSync(estate.caFile), agent: false, headers });
      sent.end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const all: StreamEvent[] = [];
      const waiting = new Set<() => void>();
      readEvents(response, (event) => {
        all.push(event);
        for (const look of waiting) look();
      });
      const ended = new Promise<void>((resolve) => {
        response.once('close', resolve);
        response.on('error', () => {});
      });
      let read = 0;
      const take = (wanted: (event: StreamEvent) => boolean) => {
        while (read < all.length) {
          const event = all[read++]!;
          if (wanted(event)) return event;
        }
        return undefined;
      };
      return {
        status: response.statusCode ?? 0,
        all,
        ended,
        stop: () => sent.destroy(),
        next: (wanted = () => true) =>
          new Promise((resolve, reject) => {
            const look = () => {
              const found = take(wanted);
              if (!found) return;
              waiting.delete(look);
              resolve(found);
            };
            waiting.add(look);
            look();
            void ended.then(() => reject(new Error(`The stream ended. Events: ${JSON.stringify(all)}`)));
          }),
      };
    },
    shut: async () => {
      agent.destroy();
      await shut();
    },
    discard: async () => {
      agent.destroy();
      await estate.discard();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

// A store process: serves storage accounts for the process that forked it, and ends when that process ends, however it
// ends. Acknowledged writes are on disk by then, so there is nothing to tidy up first.

import { messageOf } from '../../base/error.ts';
import { type AccountServer, serveAccount } from './account-server.ts';
import { loadAzurite } from './library.ts';
import type { StoreReply, StoreRequest } from './message.ts';

process.on('disconnect', () => process.exit(0));
// A terminal or a supervisor signals the whole group; only the parent decides when stores stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const reply = (message: StoreReply): void => {
  process.send?.(message, () => {});
};
const onTrouble = (error: unknown): void => reply({ kind: 'trouble', message: messageOf(error) });

const makeServer = loadAzurite();
const accounts = new Map<string, AccountServer>();

const carryOut = async (request: StoreRequest): Promise<Partial<AccountServer>> => {
  if (request.kind === 'start') {
    const { account } = request;
    const running = accounts.get(account.name);
    if (running) running.setKeys(account.keys);
    else accounts.set(account.name, await serveAccount(makeServer, account, onTrouble));
    return { ports: accounts.get(account.name)!.ports };
  }
  const ended = request.kind === 'stop' ? [request.name] : [...accounts.keys()];
  await Promise.all(ended.map((name) => accounts.get(name)?.close()));
  for (const name of ended) accounts.delete(name);
  return {};
};

process.on('message', (request: StoreRequest) => {
  carryOut(request).then(
    ({ ports }) => {
      reply({ kind: 'done', id: request.id, ...(ports ? { ports } : {}) });
      if (request.kind === 'close') process.disconnect();
    },
    (error: NodeJS.ErrnoException) => {
      reply({ kind: 'failed', id: request.id, message: messageOf(error), ...(error.code ? { code: error.code } : {}) });
    },
  );
});

reply({ kind: 'ready' });

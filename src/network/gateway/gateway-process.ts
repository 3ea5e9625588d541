// The control plane's side of one gateway process: forks it, asks it, hears its flow records.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compiledCode } from '../../base/compiled-code.ts';
import type { FlowRecord } from '../policy/model.ts';
import type { GatewayAnswers, GatewayMessage, GatewayRequest } from './message.ts';

type Ask = { [Kind in GatewayRequest['kind']]: Omit<Extract<GatewayRequest, { kind: Kind }>, 'id' | 'kind'> };

/** A gateway process. */
export type GatewayProcess = {
  pid: number;
  /** Asks one thing. Rejects if the gateway fails to do it or ends before it answers. Requests are done in order. */
  ask<Kind extends GatewayRequest['kind']>(kind: Kind, question: Ask[Kind]): Promise<GatewayAnswers[Kind]>;
  /** Resolves once the process is gone, with what it left behind on standard error. */
  ended: Promise<{ reason: string }>;
  /** Lets it go; it ends by itself, at once. */
  release(): void;
  /** Ends it by force. Its sockets are the kernel's to close. */
  kill(): void;
};

type Waiting = { resolve(value: never): void; reject(error: Error): void };

/** Forks a gateway. Nothing of this process's environment but PATH and the place of compiled code reaches it. */
export const forkGateway = (told: {
  flows(records: FlowRecord[]): void;
  trouble(message: string): void;
}): GatewayProcess => {
  const child = fork(fileURLToPath(new URL('main.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: process.env.PATH ?? '', ...compiledCode() },
    // A relay makes little garbage; the 16 MiB that V8 takes for the young would become 50 MiB of memory, and stay. So
    // would what each decision leaves behind, were the heap let grow to twice what it holds before it is cleared.
    execArgv: ['--max-semi-space-size=4', '--heap-growing-percent=20'],
  });
  const waiting = new Map<number, Waiting>();
  let next = 0;
  let said = '';
  let isGone = false;
  child.stderr!.setEncoding('utf8').on('data', (piece: string) => {
    said = (said + piece).slice(-4000);
  });
  child.on('message', (message: GatewayMessage) => {
    switch (message.kind) {
      case 'flows':
        return told.flows(message.records);
      case 'trouble':
        return told.trouble(message.message);
      case 'answer':
        waiting.get(message.id)?.resolve(message.value as never);
        break;
      case 'failed':
        waiting.get(message.id)?.reject(new Error(message.reason));
    }
    waiting.delete(message.id);
  });
  const ended = new Promise<{ reason: string }>((resolve) => {
    const gone = (reason: string) => {
      isGone = true;
      for (const one of waiting.values()) one.reject(new Error(`the gateway ended: ${reason}`));
      waiting.clear();
      resolve({ reason });
    };
    child.once('error', (error) => gone(error.message));
    child.once('exit', (code, signal) => gone(said.trim() || String(signal ?? `exit code ${code}`)));
  });

  return {
    pid: child.pid ?? -1,
    ask: (kind, question) =>
      new Promise((resolve, reject) => {
        if (isGone || !child.connected) return reject(new Error('the gateway ended'));
        const id = next++;
        waiting.set(id, { resolve, reject });
        child.send({ kind, id, ...question }, (error) => {
          if (error && waiting.delete(id)) reject(error);
        });
      }),
    ended,
    release: () => {
      if (child.connected) child.disconnect();
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
};

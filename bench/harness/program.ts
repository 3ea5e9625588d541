import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A program that answers each line of JSON with one. Its first line says that it is ready. */
export type Program = {
  /** Its first line. */
  ready: unknown;
  ask(message: object): Promise<unknown>;
};

/** Speaks to a program over its standard input and output; rejects what is asked of it once those end. */
export const talk = async (input: Writable, output: Readable): Promise<Program> => {
  const lines = createInterface({ input: output });
  const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  const next = () => new Promise<unknown>((resolve, reject) => waiting.push({ resolve, reject }));
  lines.on('line', (line) => {
    const answer = JSON.parse(line) as { error?: string };
    const first = waiting.shift();
    if (answer.error) first?.reject(new Error(answer.error));
    else first?.resolve(answer);
  });
  lines.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('The program ended before it answered.'));
  });
  const ready = await next();
  return {
    ready,
    ask: (message) => {
      const answer = next();
      input.write(`${JSON.stringify(message)}\n`);
      return answer;
    },
  };
};

/** Starts a Node program of this folder's kind; its complaints go to the terminal. */
export const startProgram = async (
  file: string,
  args: readonly string[],
  firstLine?: object,
): Promise<Program & { child: ChildProcess; close(): Promise<void> }> => {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (firstLine) child.stdin.write(`${JSON.stringify(firstLine)}\n`);
  const program = await talk(child.stdin, child.stdout);
  return {
    ...program,
    child,
    close: () => {
      child.kill('SIGKILL');
      return gone;
    },
  };
};

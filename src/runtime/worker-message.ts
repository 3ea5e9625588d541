// What a worker may say. A line is believed only after it passed here: its depth before it is parsed, its shape, its
// size, and every word of it that a person will see.
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ActivityFailure } from '../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';

const maxProgressBytes = 64 * 1024;
const maxDepth = 32;

const Output = Type.Record(Type.String(), Type.Unknown());
const Failure = Type.Object({
  errorCode: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,128}$' }),
  message: Type.String({ maxLength: 16 * 1024 }),
  failureType: Type.Enum(['UserError', 'SystemError']),
  target: Type.String({ maxLength: 1024 }),
  details: Type.Array(
    Type.Object({
      code: Type.String({ maxLength: 128 }),
      message: Type.String({ maxLength: 16 * 1024 }),
      host: Type.Optional(Type.String({ maxLength: 255 })),
    }),
    { maxItems: 20 },
  ),
});
const jobId = Type.String({ maxLength: 128 });
const Message = Type.Union([
  Type.Object({ kind: Type.Literal('ready') }),
  Type.Object({ kind: Type.Literal('progress'), jobId, progress: Output }),
  Type.Object({ kind: Type.Literal('done'), jobId, output: Output }),
  Type.Object({ kind: Type.Literal('failed'), jobId, failure: Failure }),
]);
const message = Compile(Message);

/** A message that was checked, or what is wrong with the line. */
export type Reading =
  | { kind: 'ready' }
  | { kind: 'progress'; jobId: string; progress: JsonObject }
  | { kind: 'done'; jobId: string; output: JsonObject }
  | { kind: 'failed'; jobId: string; failure: ActivityFailure }
  | { kind: 'violation'; rule: string };

const isTooDeep = (line: Buffer) => {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (inText) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
};

/** Text without control characters: what a worker wrote is shown in terminals. */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, ' ');

const printableAll = (value: Json): Json => {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(printableAll);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [printable(name), printableAll(item)]));
};

const failureOf = (said: Static<typeof Failure>): ActivityFailure => ({
  errorCode: said.errorCode,
  message: printable(said.message),
  failureType: said.failureType,
  target: printable(said.target),
  // A remedy and an endpoint are the policy's words; a worker's details cannot carry them.
  details: said.details.map(({ code, message: why, host }) => ({
    code: printable(code),
    message: printable(why),
    ...(host !== undefined && { host: printable(host) }),
  })),
});

/** Reads one line. Never throws: a line that is not a message is a `violation` that names the rule. */
export const readWorkerMessage = (line: Buffer): Reading => {
  if (isTooDeep(line)) return { kind: 'violation', rule: `is nested deeper than ${maxDepth} levels` };
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return { kind: 'violation', rule: 'is not JSON' };
  }
  if (!message.Check(value)) return { kind: 'violation', rule: 'is not a message of the protocol' };
  switch (value.kind) {
    case 'ready':
      return { kind: 'ready' };
    case 'failed':
      return { kind: 'failed', jobId: value.jobId, failure: failureOf(value.failure) };
    case 'progress':
      if (line.length > maxProgressBytes)
        return { kind: 'violation', rule: `is progress of more than ${maxProgressBytes} bytes` };
      return {
        kind: 'progress',
        jobId: value.jobId,
        progress: printableAll(value.progress as JsonObject) as JsonObject,
      };
    case 'done':
      return { kind: 'done', jobId: value.jobId, output: printableAll(value.output as JsonObject) as JsonObject };
  }
};

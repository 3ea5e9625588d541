import { type Logger, pino } from 'pino';

/** The log that every room is given. One JSON object a line; never a secret, never a body. */
export type Log = Logger;

/** A log to standard error or a file. `level` is pino's; `silent` writes nothing. */
export const createLog = (options: { level?: string; file?: string } = {}): Log =>
  pino(
    { level: options.level ?? 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: options.file ?? 2, sync: true, mkdir: true, mode: 0o600 }),
  );

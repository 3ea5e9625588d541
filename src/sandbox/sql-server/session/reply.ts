// A reply as tokens: results as they come, each statement's end, and an end of everything.
import type { SqlError } from '../sql-error.ts';
import type { SqlType, SqlValue } from '../type/sql-type.ts';
import type { ReplyWriter } from '../wire/packet.ts';
import {
  type Column,
  columnsToken,
  type DoneToken,
  doneFlag,
  doneToken,
  errorToken,
  infoToken,
  returnStatus,
  returnValue,
  rowToken,
} from '../wire/token.ts';

/** Where a statement's results go. */
export type Reply = {
  columns(columns: readonly Column[]): Promise<void>;
  row(values: readonly SqlValue[]): Promise<void>;
  /** A statement has ended; `rows` is null where it counts none. */
  statementEnd(rows: bigint | null, command: number): Promise<void>;
  info(number: number, message: string, severity?: number, line?: number): Promise<void>;
  error(error: SqlError): Promise<void>;
  /** A change that the client must know of. */
  change(token: Buffer): Promise<void>;
  /** A procedure has ended; what it returned comes with it. */
  procedureEnd(
    status: number,
    outputs: readonly { ordinal: number; name: string; type: SqlType; value: SqlValue }[],
  ): Promise<void>;
  /** How deep in procedures the results are: theirs end with another token. */
  depth: number;
};

/** A reply that is ended once. */
export type OpenReply = Reply & {
  end(more?: { isInTransaction?: boolean }): Promise<void>;
  /** A message of its own: what was asked for has been stopped, as the client wanted. */
  acknowledge(): Promise<void>;
};

/** Opens a reply of this server, called `server` in its messages. */
export const openReply = (writer: ReplyWriter, server: string): OpenReply => {
  let columnsNow: readonly Column[] = [];
  let pending: { token: DoneToken; flags: number; rows: bigint; command: number } | null = null;
  let hasFailed = false;

  const write = async (token: Buffer): Promise<void> => {
    if (pending) {
      const { token: kind, flags, rows, command } = pending;
      pending = null;
      await writer.write(doneToken(kind, flags | doneFlag.more, rows, command));
    }
    await writer.write(token);
  };
  const done = async (token: DoneToken, flags: number, rows: bigint, command: number): Promise<void> => {
    if (pending) await write(Buffer.alloc(0));
    pending = { token, flags, rows, command };
  };
  const reply: OpenReply = {
    depth: 0,
    columns: async (columns) => {
      columnsNow = columns;
      await write(columnsToken(columns));
    },
    row: (values) => writer.write(rowToken(columnsNow, values)),
    statementEnd: (rows, command) => {
      const flags = (rows === null ? 0 : doneFlag.count) | (hasFailed ? doneFlag.error : 0);
      hasFailed = false;
      return done(reply.depth > 0 ? 'doneInProcedure' : 'done', flags, rows ?? 0n, command);
    },
    info: (number, message, severity = 0, line = 1) =>
      write(infoToken(server, { number, message, severity, line, state: 1, procedure: '' })),
    error: async (error) => {
      hasFailed = true;
      await write(
        errorToken(server, {
          number: error.number,
          message: error.message,
          severity: error.severity,
          state: error.state,
          line: error.line,
          procedure: error.procedure,
        }),
      );
    },
    change: write,
    procedureEnd: async (status, outputs) => {
      await write(returnStatus(status));
      for (const { ordinal, name, type, value } of outputs) await write(returnValue(ordinal, name, type, value));
      const flags = hasFailed ? doneFlag.error : 0;
      hasFailed = false;
      await done('doneProcedure', flags, 0n, 0xe0);
    },
    end: async ({ isInTransaction = false } = {}) => {
      const last = pending ?? { token: 'done' as const, flags: hasFailed ? doneFlag.error : 0, rows: 0n, command: 0 };
      pending = null;
      const flags = last.flags | (isInTransaction ? doneFlag.transaction : 0);
      await writer.write(doneToken(last.token, flags, last.rows, last.command));
      await writer.end();
    },
    acknowledge: async () => {
      await writer.write(doneToken('done', doneFlag.attention));
      await writer.end();
    },
  };
  return reply;
};

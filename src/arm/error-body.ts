// The one place that makes an error body.
import { randomUUID } from 'node:crypto';
import { type ErrorDetail, ServiceError } from '../base/error.ts';
import type { Log } from '../base/log.ts';

/** Azure's CloudError. */
export type CloudError = { error: { code: string; message: string; target?: string; details?: ErrorDetail[] } };

/** A response with an error in it. */
export type ErrorReply = { status: number; body: CloudError; headers: Record<string, string> };

/** What Fastify throws for a body that is too large, and such. */
const isHttpError = (error: unknown): error is Error & { statusCode: number } =>
  error instanceof Error && typeof (error as { statusCode?: unknown }).statusCode === 'number';

const codes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
};

/** The reply for anything thrown. What nobody foresaw becomes a 500 with an id that is in the log too, and no more. */
export const errorReply = (error: unknown, log: Log): ErrorReply => {
  if (error instanceof ServiceError) {
    const { code, message, target, details } = error;
    const shown = { code, message, ...(target !== undefined && { target }), ...(details && { details }) };
    return { status: error.status, body: { error: shown }, headers: error.headers };
  }
  if (isHttpError(error) && error.statusCode >= 400 && error.statusCode < 500) {
    const code = codes[error.statusCode] ?? 'BadRequest';
    return { status: error.statusCode, body: { error: { code, message: error.message } }, headers: {} };
  }
  const id = randomUUID();
  log.error({ errorId: id, err: error }, 'a request ended with an unforeseen error');
  const message = `Something failed that should not. The server's log has it under the id ${id}.`;
  return { status: 500, body: { error: { code: 'InternalServerError', message } }, headers: {} };
};

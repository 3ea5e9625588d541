// What went wrong, in the shape of Azure's CloudError, whoever said it.
import type { ErrorDetail } from '../../../src/base/error.ts';

/** An answer of 400 or more, or none at all (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly target: string | undefined;
  readonly details: ErrorDetail[];

  constructor(status: number, code: string, message: string, more: { target?: string; details?: ErrorDetail[] } = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.target = more.target;
    this.details = more.details ?? [];
  }
}

/** Reads a CloudError; whatever else came back is told as it is. */
export const readError = (status: number, body: unknown): ApiError => {
  const error = (body as { error?: Record<string, unknown> } | null)?.error;
  if (typeof error !== 'object' || error === null)
    return new ApiError(status, `Http${status}`, 'The server answered with an error and no reason. Its log has more.');
  return new ApiError(status, String(error.code ?? status), String(error.message ?? ''), {
    target: typeof error.target === 'string' ? error.target : undefined,
    details: Array.isArray(error.details) ? (error.details as ErrorDetail[]) : [],
  });
};

/** A failure that a person can act on: printed as one message, without a stack. `code` is Azure's, where there is one. */
export class CommandError extends Error {
  readonly code: string | undefined;
  /** Exit status of the command. */
  readonly status: number;

  constructor(message: string, more: { code?: string; status?: number; cause?: unknown } = {}) {
    super(message, { cause: more.cause });
    this.name = 'CommandError';
    this.code = more.code;
    this.status = more.status ?? 1;
  }
}

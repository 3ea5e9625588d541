// Failures as the whole house speaks of them. A ServiceError ends a request; an ActivityFailure is data that crosses
// processes. Only `src/arm/` turns a ServiceError into a response body.

/** One entry of `error.details`, in Azure's CloudError shape. */
export type ErrorDetail = { code: string; message: string; target?: string; details?: ErrorDetail[] };

/** What a request that cannot be done ends with: an Azure error code, an HTTP status, and a message that names the way out. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  readonly target: string | undefined;
  readonly details: ErrorDetail[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { target?: string; details?: ErrorDetail[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'ServiceError';
    this.status = status;
    this.code = code;
    this.target = more.target;
    this.details = more.details;
    this.headers = more.headers ?? {};
  }
}

/** Why an activity failed, as data: what `queryActivityruns` shows under `error`. */
export type ActivityFailure = {
  errorCode: string;
  message: string;
  /** `UserError`: the pipeline, a store or an approval must change. `SystemError`: Postern or the machine. */
  failureType: 'UserError' | 'SystemError';
  /** The activity's name. */
  target: string;
  details: FailureDetail[];
};

/** One reason behind a failure. Policy denials carry the code, message and remedy of `src/network/policy`. */
export type FailureDetail = { code: string; message: string; remedy?: string; host?: string; endpoint?: string };

/** What an activity that cannot succeed ends with inside its worker; the worker adds the activity's name. */
export class ActivityError extends Error {
  readonly errorCode: string;
  readonly failureType: ActivityFailure['failureType'];
  readonly details: FailureDetail[];

  constructor(
    errorCode: string,
    message: string,
    more: { failureType?: ActivityFailure['failureType']; details?: FailureDetail[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'ActivityError';
    this.errorCode = errorCode;
    this.failureType = more.failureType ?? 'UserError';
    this.details = more.details ?? [];
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

import type { ActivityFailure, FailureDetail } from '../base/error.ts';

/** A failure that Postern itself is the reason of. */
export const systemFailure = (
  errorCode: string,
  message: string,
  target: string,
  details: FailureDetail[] = [],
): ActivityFailure => ({ errorCode, message, failureType: 'SystemError', target, details });

/** A failure that the pipeline or its author can mend. */
export const userFailure = (
  errorCode: string,
  message: string,
  target: string,
  details: FailureDetail[] = [],
): ActivityFailure => ({ errorCode, message, failureType: 'UserError', target, details });

// Why a store could not be asked, in the words that an activity run has, and with what a person needs to mend it.
import { type ActivityFailure, type ErrorDetail, type FailureDetail, ServiceError } from '../../base/error.ts';
import type { Snapshot } from '../../network/policy/model.ts';

/** A reason, with the store that the host belongs to, where the caller may know of it. */
export type Reason = FailureDetail & { resourceId?: string; groupId?: string };

/** The reasons behind a failure. `mayRead` says whether the caller may know of a resource. */
export const reasonsOf = (
  { details }: ActivityFailure,
  { stores }: Snapshot,
  mayRead: (resourceId: string) => boolean,
): Reason[] =>
  details.map((detail) => {
    const store = stores.find(({ host }) => host === detail.host);
    if (!store || !mayRead(store.resourceId)) return detail;
    return { ...detail, resourceId: store.resourceId, groupId: store.groupId };
  });

/** The error that a request ends with whose worker failed. */
export const errandFailed = (
  { errorCode, message, failureType }: ActivityFailure,
  reasons: readonly Reason[],
  target: string,
): ServiceError => {
  const status = errorCode === 'ActivityTimedOut' ? 504 : failureType === 'UserError' ? 400 : 503;
  const details: ErrorDetail[] = [...reasons];
  return new ServiceError(status, errorCode, message, { target, ...(details.length > 0 && { details }) });
};

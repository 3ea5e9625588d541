// What an error of Azure's storage clients must say, wherever the client puts it.
import assert from 'node:assert/strict';

/** For `assert.rejects`: the store refused with this code and status. */
export const refused = (code: string, status: number) => (error: unknown) => {
  const {
    statusCode,
    details,
    code: own,
  } = error as {
    statusCode?: number;
    code?: string;
    details?: { errorCode?: string };
  };
  assert.deepEqual({ code: details?.errorCode ?? own, status: statusCode }, { code, status }, String(error));
  return true;
};

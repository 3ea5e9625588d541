// What the clients of stores throw, as this house says it.
import type { Resource } from '../../../arm/resource-type.ts';
import { ServiceError } from '../../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { storeUnavailable } from '../../target/store-life.ts';

const detailsOf = (error: unknown): JsonObject => {
  const { details } = error as { details?: unknown };
  return isJsonObject(details) ? details : {};
};

/** Whether a store refused with this code. */
export const isRefusal = (error: unknown, code: string): boolean => detailsOf(error).errorCode === code;

/** Each kind of store puts its words elsewhere; the lines after the first are the request's number and the time. */
const messageIn = ({ message, Message, odataError }: JsonObject): string => {
  const said = isJsonObject(odataError) && isJsonObject(odataError.message) ? odataError.message.value : undefined;
  const words = [message, Message, said].find((one) => typeof one === 'string' && one !== '');
  return typeof words === 'string' ? words.split('\n')[0]! : 'The store refused this and does not say why.';
};

/** What to throw instead of what a client of the account's store threw. */
export const storeFailure = (account: Resource, error: unknown): unknown => {
  if (!(error instanceof Error) || (error.name !== 'RestError' && error.name !== 'AbortError')) return error;
  const status = Number((error as { statusCode?: number }).statusCode);
  // That the store does not know its own key, or fails, is nothing that whoever asks has done.
  const isRefused = status >= 400 && status < 500 && status !== 401 && status !== 403;
  if (!isRefused) return storeUnavailable(account, 'account', error);
  const details = detailsOf(error);
  return new ServiceError(status, String(details.errorCode ?? 'StorageError'), messageIn(details), { cause: error });
};

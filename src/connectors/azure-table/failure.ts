// What the client threw, as a failure with a code that a person can look up. Its own words stay a detail. Pure.
import { ActivityError } from '../../base/error.ts';
import { answerOf } from '../azure-storage/failure.ts';

/** What was tried, on which table. */
export type Attempt = { table: string; doing: 'read' | 'write' | 'create the table' };

const advice: Readonly<Record<string, string>> = {
  InvalidInput:
    "a key or a column name has a character that tables do not take, or azureTableSourceQuery is no filter (such as PartitionKey eq 'a')",
  EntityTooLarge: 'an entity is larger than 1 MiB: leave columns out by a mapping',
  PropertyValueTooLarge: 'a value is larger than 64 KiB: leave its column out by a mapping',
  TooManyProperties: 'an entity has more than 252 columns: leave some out by a mapping',
  PropertyNameInvalid:
    'a column name is not one that tables take (letters, digits and underscores): rename it by a mapping',
  PropertyNameTooLong: 'a column name is longer than 255 characters: rename it by a mapping',
};

/** The failure that a person sees for `error`. */
export const tableFailure = (error: unknown, endpoint: string, attempt: Attempt): unknown => {
  if (!(error instanceof Error) || error instanceof ActivityError) return error;
  const { code, status, refusesCredential, way, detail } = answerOf(error, endpoint);
  const place = `Table: ${endpoint}/${attempt.table}.`;
  const fail = (errorCode: string, message: string) =>
    new ActivityError(errorCode, message, { details: [detail], cause: error });

  if (status === undefined) return fail('AzureTableOperationFailed', `Table operation failed. ${place} ${way}`);
  if (refusesCredential)
    return fail(
      'AzureTableOperationFailed',
      `Table operation failed. ${place} The store refused the credential (${code}): check the key, the signature or the identity in the linked service.`,
    );
  if (code === 'TableNotFound' || (status === 404 && attempt.doing === 'read'))
    return fail(
      'UserErrorAzureTableNotFound',
      `The table '${attempt.table}' does not exist. ${place} Create it, correct tableName in the dataset, or let the source have azureTableSourceIgnoreTableNotFound.`,
    );
  const why = advice[code];
  return fail(
    'AzureTableOperationFailed',
    `Table operation failed. ${place} The store answered ${status} (${code})${why ? `: ${why}` : ''}.`,
  );
};

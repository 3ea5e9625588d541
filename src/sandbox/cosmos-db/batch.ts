// Many operations in one request: a transaction within one partition, or a bulk of operations that stand each alone.
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { AccountFile, ContainerRow } from './account-file.ts';
import { badRequest, CosmosError } from './cosmos-error.ts';
import { type ItemOperationName, itemOperations } from './item-operation.ts';
import { type PartitionText, readWholePartition } from './partition-key.ts';
import { requestCharge } from './reply.ts';

const mostOperations = 100;

type Result = JsonObject & { statusCode: number };

/** Ends the transaction of a batch whose operation `at` failed. */
class FailedBatch extends Error {
  readonly at: number;
  readonly result: Result;

  constructor(at: number, result: Result) {
    super('an operation of the batch failed');
    this.at = at;
    this.result = result;
  }
}

const failed = (error: unknown): Result => {
  if (!(error instanceof CosmosError)) throw error;
  const { status, substatus, message } = error;
  return { statusCode: status, ...(substatus !== undefined && { subStatusCode: substatus }), message, requestCharge };
};

const textAt = (operation: JsonObject, name: string): string | undefined => {
  const value = operation[name];
  return typeof value === 'string' ? value : undefined;
};

const isName = (name: Json | undefined): name is ItemOperationName =>
  typeof name === 'string' && Object.hasOwn(itemOperations, name);

/** What a batch is done with. `partition` is that of a transaction; null for a bulk. */
export type BatchAsk = {
  file: AccountFile;
  container: ContainerRow;
  partition: PartitionText | null;
  operations: Json | undefined;
  /** Whether answers to writes hold the item that was written. */
  returnsItems: boolean;
  now: number;
};

const largestAnswer = 4 * 2 ** 20;

const runOne = ({ file, container, partition, returnsItems, now }: BatchAsk, operation: Json): Result => {
  if (!isJsonObject(operation) || !isName(operation.operationType))
    throw badRequest(`An operation of a batch is one of ${Object.keys(itemOperations).join(', ')}.`);
  const { status, item } = itemOperations[operation.operationType]({
    file,
    container,
    partition: partition ?? readWholePartition(textAt(operation, 'partitionKey'), container.paths),
    id: textAt(operation, 'id'),
    body: operation.resourceBody,
    ifMatch: textAt(operation, 'ifMatch'),
    ifNoneMatch: textAt(operation, 'ifNoneMatch'),
    now,
  });
  return {
    statusCode: status,
    requestCharge,
    ...(item && { eTag: item.etag }),
    ...(item &&
      (returnsItems || operation.operationType === 'Read') && { resourceBody: JSON.parse(item.text) as Json }),
  };
};

/** Runs a batch: all of a transaction or nothing; of a bulk, what can be done. 200, or 207 where something failed. */
export const runBatch = (ask: BatchAsk): { status: number; results: Result[] } => {
  const { file, partition, operations } = ask;
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > mostOperations)
    throw badRequest(`A batch is a list of 1 to ${mostOperations} operations.`);
  try {
    let bytes = 0;
    const results = file.transaction(() =>
      operations.map((operation, at) => {
        try {
          if (bytes > largestAnswer)
            throw new CosmosError(413, 'RequestEntityTooLarge', 'The answer to the batch is larger than 4 MB.', 3402);
          const result = runOne(ask, operation);
          bytes += result.resourceBody === undefined ? 0 : JSON.stringify(result.resourceBody).length;
          return result;
        } catch (error) {
          const result = failed(error);
          if (partition !== null) throw new FailedBatch(at, result);
          return result;
        }
      }),
    );
    return { status: results.every(({ statusCode }) => statusCode < 400) ? 200 : 207, results };
  } catch (error) {
    if (!(error instanceof FailedBatch)) throw error;
    const dependent = { statusCode: 424, requestCharge: 0 };
    return { status: 207, results: operations.map((_, at) => (at === error.at ? error.result : dependent)) };
  }
};

// One table, by the official client. It sees only the real host name: the worker's network makes it work.
import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  TableClient,
  TableServiceClient,
  type TableServiceClientOptions,
  type TransactionAction,
} from '@azure/data-tables';
import { givenToken } from '../access.ts';
import { type Account, readAccount } from '../azure-storage/account.ts';
import { createCall } from '../azure-storage/call.ts';
import type { TableAddress } from '../definition.ts';
import { textOptions } from '../http.ts';
import { propertyError, textAt } from '../property.ts';
import { type Entity, readEntities } from './entity.ts';
import { type Attempt, tableFailure } from './failure.ts';

const pageSize = 1000;

/** Errors of every call: `ActivityError`, or the abort's reason. */
export type Table = {
  /** The table with its endpoint. */
  name: string;
  /** The entities that the filter lets through, by page; of each the columns of `select`, or all. */
  pages(
    query: { filter: string | undefined; select: readonly string[] | undefined },
    signal: AbortSignal,
  ): AsyncIterable<Entity[]>;
  /** All of the actions or none: they are of one partition. The table is made where it is missing, as Azure does it. */
  submit(actions: TransactionAction[], signal: AbortSignal): Promise<void>;
};

// One try: `withRetry` knows better than the client which failures are worth another.
const openOptions = (): TableServiceClientOptions => ({ retryOptions: { maxRetries: 0 }, ...textOptions() });

const credentialOf = ({ credential }: Account) => {
  if (credential.kind === 'key') return new AzureNamedKeyCredential(credential.account, credential.key);
  if (credential.kind === 'token') return givenToken(credential);
  return new AzureSASCredential(credential.kind === 'sas' ? credential.token : '');
};

const openClient = (account: Account, table: string): TableClient => {
  const credential = credentialOf(account);
  const options = openOptions();
  if ('getToken' in credential) return new TableClient(account.endpoint, table, credential, options);
  if ('key' in credential) return new TableClient(account.endpoint, table, credential, options);
  return new TableClient(account.endpoint, table, credential, options);
};

/** All tables of an account, by the official client. Nothing is sent yet. */
export const openAccount = (account: Account): TableServiceClient => {
  const credential = credentialOf(account);
  const options = openOptions();
  if ('getToken' in credential) return new TableServiceClient(account.endpoint, credential, options);
  if ('key' in credential) return new TableServiceClient(account.endpoint, credential, options);
  return new TableServiceClient(account.endpoint, credential, options);
};

const isTableMissing = (error: unknown) => (error as { code?: string }).code === 'TableNotFound';

/** Opens the table that a dataset names. Nothing is sent before the first call. */
export const openTable = ({ linkedService, dataset }: TableAddress): Table => {
  const account = readAccount(linkedService, 'table');
  const table = textAt(dataset, 'tableName');
  if (!table || !/^[A-Za-z][A-Za-z0-9]{2,62}$/.test(table))
    throw propertyError(dataset, 'tableName', 'must name a table: 3 to 63 letters and digits, a letter first');
  const client = openClient(account, table);
  const call = createCall<Attempt['doing']>(account, (error, doing) =>
    tableFailure(error, account.endpoint, { table, doing }),
  );

  let creation: Promise<void> | undefined;
  const create = (abortSignal: AbortSignal) =>
    call('create the table', abortSignal, () => client.createTable({ abortSignal }));

  return {
    name: `${account.endpoint}/${table}`,
    async *pages({ filter, select }, abortSignal) {
      const queryOptions = { ...(filter !== undefined && { filter }), ...(select && { select: [...select] }) };
      let continuationToken: string | undefined;
      do {
        let body = '';
        const options = {
          queryOptions,
          abortSignal,
          onResponse: ({ bodyAsText }: { bodyAsText?: string | null }) => {
            body = bodyAsText ?? '';
          },
        };
        const settings = { maxPageSize: pageSize, ...(continuationToken && { continuationToken }) };
        const page = await call('read', abortSignal, () => client.listEntities(options).byPage(settings).next());
        const entities = page.done ? [] : readEntities(body);
        if (entities.length > 0) yield entities;
        continuationToken = page.value?.continuationToken;
      } while (continuationToken);
    },
    submit: (actions, abortSignal) =>
      call('write', abortSignal, async () => {
        try {
          await client.submitTransaction(actions, { abortSignal });
        } catch (error) {
          if (!isTableMissing(error)) throw error;
          creation ??= create(abortSignal);
          await creation;
          await client.submitTransaction(actions, { abortSignal });
        }
      }),
  };
};

// The tables of an account.
import { readAccount } from '../azure-storage/account.ts';
import { createCall } from '../azure-storage/call.ts';
import { type LookModule, nothingIn } from '../look.ts';
import { type Attempt, tableFailure } from './failure.ts';
import { openAccount } from './table.ts';

const pageSize = 1000;

/** The tables at the top; they hold nothing to look into. */
export const look: LookModule['look'] = async function* (linkedService, path, abortSignal) {
  if (path !== '') throw nothingIn(path);
  const account = readAccount(linkedService, 'table');
  const client = openAccount(account);
  const call = createCall<Attempt>(account, (error, attempt) => tableFailure(error, account.endpoint, attempt));
  let continuationToken: string | undefined;
  do {
    const settings = { maxPageSize: pageSize, ...(continuationToken && { continuationToken }) };
    const list = () => client.listTables({ abortSignal }).byPage(settings).next();
    const page = await call({ table: '', doing: 'read' }, abortSignal, list);
    const found = page.done ? undefined : page.value;
    for (const { name } of found ?? []) if (name !== undefined) yield { name, kind: 'Table', path: name };
    continuationToken = found?.continuationToken;
  } while (continuationToken);
};

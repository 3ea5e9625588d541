import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableOfBatchUrl } from './batch.ts';

test('the table is found by host name and by address, with and without keys', () => {
  const expected: Record<string, string | undefined> = {
    'https://acme.table.core.windows.net/orders': 'orders',
    "https://acme.table.core.windows.net/orders(PartitionKey='a/b',RowKey='c')": 'orders',
    'https://acme.table.core.windows.net:443/orders?timeout=3': 'orders',
    'https://127.0.0.1:41003/acme/orders()': 'orders',
    'http://localhost:41003/acme/orders': 'orders',
    'https://[::1]:41003/acme/orders': 'orders',
    'https://acme.table.core.windows.net/': undefined,
    'not a url': undefined,
  };
  for (const [url, table] of Object.entries(expected)) assert.equal(tableOfBatchUrl(url)?.[1], table, url);
});

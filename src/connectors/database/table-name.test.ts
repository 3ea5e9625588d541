import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../base/json.ts';
import { requireTableName } from './table-name.ts';

const named = (values: JsonObject) => requireTableName({ values, where: 'ds' });

test('a table is named by its parts, or by both in one', () => {
  for (const [values, expected] of [
    [
      { schema: 'dbo', table: 'emp' },
      { schema: 'dbo', table: 'emp' },
    ],
    [{ table: 'a.b' }, { schema: undefined, table: 'a.b' }],
    [{ tableName: 'emp' }, { schema: undefined, table: 'emp' }],
    [{ tableName: 'dbo.emp' }, { schema: 'dbo', table: 'emp' }],
    [{ tableName: '[dbo].[my ]] table]' }, { schema: 'dbo', table: 'my ] table' }],
    [{ tableName: '"public"."my ""table"""' }, { schema: 'public', table: 'my "table"' }],
    [
      { tableName: 'emp', schema: 'hr' },
      { schema: 'hr', table: 'emp' },
    ],
  ] as const)
    assert.deepEqual(named(values), expected, JSON.stringify(values));
});

test('what names no table is refused', () => {
  for (const [values, property] of [
    [{}, 'table'],
    [{ schema: 'dbo' }, 'table'],
    [{ tableName: 'a.b.c' }, 'tableName'],
    [{ tableName: 'no table' }, 'tableName'],
    [{ tableName: 'x; DROP TABLE y' }, 'tableName'],
    [{ tableName: '[open' }, 'tableName'],
    [{ tableName: 'a.' }, 'tableName'],
    [{ table: 'x'.repeat(129) }, 'table'],
    [{ table: 'nul\u0000' }, 'table'],
  ] as const)
    assert.throws(() => named(values), {
      errorCode: 'UserErrorInvalidProperty',
      message: new RegExp(`ds\\.${property} `),
    });
});

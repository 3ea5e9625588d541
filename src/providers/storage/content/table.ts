// Microsoft.Storage/storageAccounts/tableServices/tables
import type { SignedIdentifier } from '@azure/data-tables';
import { type Static, Type } from 'typebox';
import { requireOff } from './asked-off.ts';
import type { ContentAsk, ContentKind, Contents } from './content-type.ts';
import { isRefusal } from './failure.ts';
import { firstPage } from './list-ask.ts';

const time = Type.Optional(
  Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,7})?)?(Z|[+-]\\d\\d:\\d\\d)$' }),
);

const Properties = Type.Object({
  signedIdentifiers: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.String({ minLength: 1, maxLength: 64 }),
        accessPolicy: Type.Optional(
          Type.Object({ startTime: time, expiryTime: time, permission: Type.String({ pattern: '^[raud]{0,4}$' }) }),
        ),
      }),
      { maxItems: 5 },
    ),
  ),
});

type Policies = NonNullable<Static<typeof Properties>['signedIdentifiers']>;

const stored = (policies: Policies): SignedIdentifier[] =>
  policies.map(({ id, accessPolicy }) => ({
    id,
    ...(accessPolicy && {
      accessPolicy: {
        ...(accessPolicy.startTime !== undefined && { start: new Date(accessPolicy.startTime) }),
        ...(accessPolicy.expiryTime !== undefined && { expiry: new Date(accessPolicy.expiryTime) }),
        permission: accessPolicy.permission,
      },
    }),
  }));

const shown = (policies: readonly SignedIdentifier[]) =>
  policies.map(({ id, accessPolicy }) => ({
    id,
    ...(accessPolicy && {
      accessPolicy: {
        ...(accessPolicy.start && { startTime: accessPolicy.start.toISOString() }),
        ...(accessPolicy.expiry && { expiryTime: accessPolicy.expiry.toISOString() }),
        permission: accessPolicy.permission ?? '',
      },
    }),
  }));

const contents = ({ owner, properties }: ContentAsk): Contents => ({
  list: async ({ limit, after }, { abortSignal }) => {
    const pages = (await owner.tables())
      .listTables({ abortSignal })
      .byPage({ maxPageSize: limit, ...(after !== '' && { continuationToken: after }) });
    const page = await firstPage(pages);
    return {
      items: page.flatMap(({ name = '' }) => ({ name, properties: { tableName: name } })),
      next: page.continuationToken,
    };
  },
  get: async (name, { abortSignal }) => {
    try {
      const policies = await (await owner.table(name)).getAccessPolicy({ abortSignal });
      const signedIdentifiers = shown([...policies]);
      return { name, properties: { tableName: name, ...(signedIdentifiers.length > 0 && { signedIdentifiers }) } };
    } catch (error) {
      if (isRefusal(error, 'TableNotFound')) return null;
      throw error;
    }
  },
  put: async (name, { abortSignal }) => {
    const table = await owner.table(name);
    // The client lets a table that is there already be.
    await table.createTable({ abortSignal });
    const { signedIdentifiers } = properties as Static<typeof Properties>;
    if (signedIdentifiers) await table.setAccessPolicy(stored(signedIdentifiers), { abortSignal });
  },
  delete: async (name, { abortSignal }) => {
    await (await owner.table(name)).deleteTable({ abortSignal });
  },
});

/** Tables of entities. */
export const tableKind: ContentKind = {
  type: 'tableServices/tables',
  name: {
    pattern: /^(?!tables$)[A-Za-z][A-Za-z0-9]{2,62}$/i,
    min: 3,
    max: 63,
    says: "letters and digits, beginning with a letter, and not 'tables'",
  },
  schema: Type.Object({ properties: Type.Optional(Properties) }),
  methods: ['PUT', 'PATCH', 'DELETE'],
  // Azure's clients take nothing else.
  status: { created: 200, updated: 200, deleted: 204 },
  missing: { code: 'TableNotFound', message: 'The table specified does not exist.' },
  open: (ask) => {
    requireOff(ask.properties, ['signedIdentifiers', 'tableName']);
    return contents(ask);
  },
};

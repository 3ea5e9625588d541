// Functions that ask what there is: names, ids, the session, the error that was caught.
import { type SqlError, unsupported } from '../sql-error.ts';
import { type SqlType, type SqlValue, typeOf } from '../type/sql-type.ts';
import type { Catalog, Piece, SessionFacts, TableInfo } from './context.ts';
import { literalSql } from './conversion.ts';
import { constantOf } from './expression.ts';
import type { CallSite, FunctionTable, RawRule } from './function-rule.ts';
import { objectKey, readName } from './object-name.ts';

const int = typeOf('int');
const words = typeOf('nvarchar', { length: 4000 });
const name = typeOf('nvarchar', { length: 128 });

/** A function whose arguments are constants, and so its value too. */
const constant = (type: SqlType, evaluate: (values: SqlValue[], site: CallSite) => SqlValue): RawRule => ({
  raw: (site): Piece => {
    const values = site.call.arguments.map((one) => {
      const value = constantOf(one, site.context);
      if (value === undefined) throw unsupported(`${site.call.name} of what is no constant`);
      return value;
    });
    return { sql: literalSql(type, evaluate(values, site)), type };
  },
});

const ofSession = (type: SqlType, evaluate: (facts: SessionFacts) => SqlValue): RawRule =>
  constant(type, (_values, { context }) => evaluate(context.facts));

const ofError = (type: SqlType, evaluate: (error: SqlError) => SqlValue): RawRule =>
  ofSession(type, ({ caught }) => (caught ? evaluate(caught) : null));

const codes: Readonly<Record<string, (table: TableInfo) => boolean>> = {
  U: ({ kind }) => kind === 'table',
  V: ({ kind }) => kind !== 'table',
};

const objectId = (catalog: Catalog, written: string, code: string): bigint | null => {
  const key = objectKey(readName(written));
  const table = catalog.tables.get(key);
  const kind = code.trim().toUpperCase();
  if (table && (kind === '' || (codes[kind]?.(table) ?? false))) return BigInt(table.objectId);
  const found = catalog.modules.get(key);
  return found && (kind === '' || kind === 'P') ? BigInt(found.objectId) : null;
};

const byId = (catalog: Catalog, id: SqlValue): { schema: string; name: string } | undefined =>
  [...catalog.tables.values(), ...catalog.modules.values()].find((one) => BigInt(one.objectId) === id);

const property = ({ server, isWarehouse }: SessionFacts, asked: string): SqlValue =>
  ({
    productversion: '12.0.2000.8',
    productlevel: 'RTM',
    edition: 'SQL Azure',
    engineedition: isWarehouse ? '6' : '5',
    servername: server,
    machinename: server,
    collation: 'Latin1_General_100_CI_AS_SC_UTF8',
    productmajorversion: '12',
    productminorversion: '0',
    isintegratedsecurityonly: '0',
    isclustered: '0',
    ishadrenabled: '0',
    issingleuser: '0',
  })[asked.toLowerCase()] ?? null;

const schemaIds = (catalog: Catalog): string[] => ['', ...catalog.schemas];

export const systemFunctions: FunctionTable = {
  DB_NAME: constant(name, ([id], { context }) => {
    if (id === undefined) return context.facts.database;
    return context.facts.databases[Number(id) - 1] ?? null;
  }),
  DB_ID: constant(int, ([asked], { context: { facts } }) => {
    const wanted = String(asked ?? facts.database).toLowerCase();
    const place = facts.databases.findIndex((one) => one.toLowerCase() === wanted);
    return place < 0 ? null : BigInt(place + 1);
  }),
  SCHEMA_NAME: constant(name, ([id], { context }) =>
    id === undefined ? 'dbo' : (schemaIds(context.catalog)[Number(id)] ?? null),
  ),
  SCHEMA_ID: constant(int, ([asked], { context }) => {
    const place = schemaIds(context.catalog).findIndex(
      (one) => one !== '' && one.toLowerCase() === String(asked ?? 'dbo').toLowerCase(),
    );
    return place < 0 ? null : BigInt(place);
  }),
  OBJECT_ID: constant(int, ([asked, code], { context }) =>
    typeof asked === 'string' ? objectId(context.catalog, asked, String(code ?? '')) : null,
  ),
  OBJECT_NAME: constant(name, ([id], { context }) => byId(context.catalog, id!)?.name ?? null),
  OBJECT_SCHEMA_NAME: constant(name, ([id], { context }) => byId(context.catalog, id!)?.schema ?? null),
  COL_LENGTH: constant(typeOf('smallint'), ([table, column], { context }) => {
    const found = context.catalog.tables.get(objectKey(readName(String(table))));
    const type = found?.columns.find((one) => one.name.toLowerCase() === String(column).toLowerCase())?.type;
    if (!type) return null;
    return type.length === 'max' ? -1n : BigInt((type.length ?? 8) * (type.name.startsWith('n') ? 2 : 1));
  }),
  SERVERPROPERTY: constant(name, ([asked], { context }) => property(context.facts, String(asked))),
  DATABASEPROPERTYEX: constant(
    name,
    ([, asked]) =>
      ({
        status: 'ONLINE',
        updateability: 'READ_WRITE',
        collation: 'Latin1_General_100_CI_AS_SC_UTF8',
        edition: 'Standard',
        serviceobjective: 'S0',
      })[String(asked).toLowerCase()] ?? null,
  ),
  SUSER_SNAME: ofSession(name, ({ login }) => login),
  SUSER_NAME: ofSession(name, ({ login }) => login),
  ORIGINAL_LOGIN: ofSession(name, ({ login }) => login),
  SYSTEM_USER: ofSession(name, ({ login }) => login),
  USER_NAME: ofSession(name, () => 'dbo'),
  CURRENT_USER: ofSession(name, () => 'dbo'),
  SESSION_USER: ofSession(name, () => 'dbo'),
  USER: ofSession(name, () => 'dbo'),
  APP_NAME: ofSession(name, ({ application }) => application),
  HOST_NAME: ofSession(name, () => null),
  HAS_DBACCESS: constant(int, () => 1n),
  HAS_PERMS_BY_NAME: constant(int, () => 1n),
  IS_MEMBER: constant(int, () => 1n),
  IS_ROLEMEMBER: constant(int, () => 1n),
  IS_SRVROLEMEMBER: constant(int, () => 0n),
  XACT_STATE: ofSession(typeOf('smallint'), ({ isDoomed, transactionCount }) =>
    isDoomed ? -1n : transactionCount > 0 ? 1n : 0n,
  ),
  ROWCOUNT_BIG: ofSession(typeOf('bigint'), ({ rowCount }) => rowCount),
  SCOPE_IDENTITY: ofSession(typeOf('decimal', { precision: 38, scale: 0 }), ({ identity }) => identity),
  ERROR_NUMBER: ofError(int, ({ number }) => BigInt(number)),
  ERROR_MESSAGE: ofError(words, ({ message }) => message),
  ERROR_SEVERITY: ofError(int, ({ severity }) => BigInt(severity)),
  ERROR_STATE: ofError(int, ({ state }) => BigInt(state)),
  ERROR_LINE: ofError(int, ({ line }) => BigInt(line)),
  ERROR_PROCEDURE: ofError(name, ({ procedure }) => procedure || null),
};

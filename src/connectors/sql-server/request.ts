// One request to SQL Server at a time: statements or a procedure, their parameters, and what comes of them as it comes.
import { type Connection, Request, TYPES } from 'tedious';
import type { Effect, Parameter, ResultListener, Statement } from '../database/session.ts';
import type { ColumnType } from '../row/column-type.ts';
import type { Column, Value } from '../row/record-batch.ts';
import { type Described, knownType, readerOf, writerOf } from './value.ts';

const parameterTypes = {
  Boolean: TYPES.Bit,
  Byte: TYPES.TinyInt,
  Int16: TYPES.SmallInt,
  Int32: TYPES.Int,
  Int64: TYPES.BigInt,
  Single: TYPES.Real,
  Double: TYPES.Float,
  // As text every digit arrives; SQL Server reads it as the number that the place asks for.
  Decimal: TYPES.VarChar,
  String: TYPES.NVarChar,
  Guid: TYPES.UniqueIdentifier,
  DateTime: TYPES.DateTime2,
  DateTimeOffset: TYPES.DateTimeOffset,
  TimeSpan: TYPES.Time,
  Binary: TYPES.VarBinary,
} as const satisfies Record<ColumnType, unknown>;

const hasScale = (type: ColumnType) => type === 'DateTime' || type === 'DateTimeOffset' || type === 'TimeSpan';

const addParameter = (request: Request, { name, type, value, isOutput, size }: Parameter): void => {
  const written = type === 'Decimal' ? value : writerOf(type)(value);
  const options = { ...(hasScale(type) && { scale: 7 }), ...(size !== undefined && { length: size }) };
  if (isOutput) request.addOutputParameter(name, parameterTypes[type], written, options);
  else request.addParameter(name, parameterTypes[type], written, options);
};

/** A value that a procedure wrote: the client gives the same forms as in rows. */
const outputValue = ({ type }: Parameter, value: unknown): Value => {
  if (value === null || value === undefined) return null;
  if (type === 'Decimal') return String(value);
  const native = { name: parameterTypes[type].name };
  return readerOf({ colName: '', type: native, scale: 7 })(value);
};

/** Called with what a request gives; `row` may answer `pause`, and then no more comes before `resume`. */
export type RowListener = Omit<ResultListener, 'row'> & {
  row(values: Value[]): 'pause' | undefined;
  /** The columns in the client's own words. */
  described?(columns: readonly Described[]): void;
};

/** A request that is under way. */
export type Running = { ended: Promise<Effect>; resume(): void };

const describe = (described: Described[], types: ReadonlyMap<string, ColumnType> | undefined): Column[] =>
  described.map((one) => ({ name: one.colName, type: types?.get(one.colName) ?? knownType(one).type }));

/** Starts a statement. What a listener throws ends it. */
export const startRequest = (connection: Connection, statement: Statement, listener: RowListener): Running => {
  const { text, parameters = [], isProcedure, timeoutMs, types } = statement;
  const { promise: ended, resolve, reject } = Promise.withResolvers<Effect>();
  let readers: ((value: unknown) => Value)[] = [];
  let isInSet = false;
  let rowsAffected = -1;
  let broken: { error: unknown } | undefined;
  const outputs = new Map<string, Value>();

  const request = new Request(text, (error) => {
    if (broken) reject(broken.error);
    else if (error) reject(error);
    else
      resolve({
        rowsAffected,
        outputs: parameters
          .filter(({ isOutput }) => isOutput)
          .map(({ name, type }) => ({ name, type, value: outputs.get(name) ?? null })),
      });
  });
  const attempt = <Result>(step: () => Result): Result | undefined => {
    if (broken) return undefined;
    try {
      return step();
    } catch (error) {
      broken = { error };
      request.cancel();
      return undefined;
    }
  };
  request.on('columnMetadata', (columns) =>
    attempt(() => {
      const described = columns as unknown as Described[];
      isInSet = true;
      listener.described?.(described);
      readers = described.map((one) => readerOf(one, types?.get(one.colName)));
      listener.resultSet(describe(described, types));
    }),
  );
  request.on('row', (cells: { value: unknown }[]) => {
    const answer = attempt(() => listener.row(cells.map(({ value }, at) => readers[at]!(value))));
    if (answer === 'pause') request.pause();
  });
  const count = (rows: number | undefined) => {
    if (!isInSet && rows !== undefined) rowsAffected = Math.max(rowsAffected, 0) + rows;
    isInSet = false;
  };
  request.on('done', count);
  request.on('doneInProc', count);
  request.on('returnValue', (name, value) => {
    const known = parameters.find((one) => one.name === name);
    if (known) outputs.set(name, outputValue(known, value));
  });
  const onMessage = ({ message }: { message: string }) => attempt(() => listener.message(message));
  connection.on('infoMessage', onMessage);
  const quiet = () => connection.off('infoMessage', onMessage);
  ended.then(quiet, quiet);

  for (const parameter of parameters) addParameter(request, parameter);
  if (timeoutMs !== undefined) request.setTimeout(timeoutMs);
  if (isProcedure) connection.callProcedure(request);
  else if (parameters.length > 0) connection.execSql(request);
  else connection.execSqlBatch(request);
  return { ended, resume: () => request.resume() };
};

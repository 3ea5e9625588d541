// Azure's run queries in SQL: filters, order, pages. Operands are columns; what a client sends is only ever a value.
import { type Expression, type SqlBool, sql } from 'kysely';
import { ServiceError } from '../base/error.ts';
import type { Database, Tx } from '../database/database.ts';
import { afterToken, type Order, writeToken } from './paging.ts';
import type { ActivityRun, Page, PipelineRun } from './pipelines.ts';
import type { RunFilter } from './run-filter.ts';
import { type ActivityRow, type RunRow, showActivityRun, showRun } from './run-shape.ts';

type Column = { expression: Expression<string>; kind: 'text' | 'name' | 'instant' };

const usualPage = 100;
const latestPossible = '9999-12-31T23:59:59.999Z';
/** Before every run that there is, and after each that will be. */
const always = { after: '2020-01-01T00:00:00.000Z', before: '2100-01-01T00:00:00.000Z' };

const refuse = (target: string, message: string) => new ServiceError(400, 'BadRequest', message, { target });

const instant = (field: string, text: string): string => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw refuse(field, `${field} is not an instant: '${text}'. Write it as 2026-01-31T12:00:00Z.`);
  return ms > Date.parse(latestPossible) ? latestPossible : new Date(ms).toISOString();
};

const isLatest = sql<number>`not exists (
  select 1 from pipeline_run as later where later.run_group_id = pipeline_run.run_group_id
  and (later.queued_at > pipeline_run.queued_at
    or (later.queued_at = pipeline_run.queued_at and later.run_id > pipeline_run.run_id)))`;

const runColumns: Readonly<Record<string, Column>> = {
  PipelineName: { expression: sql<string>`pipeline_run.pipeline_name`, kind: 'name' },
  Status: { expression: sql<string>`pipeline_run.state`, kind: 'text' },
  RunStart: { expression: sql<string>`coalesce(pipeline_run.started_at, pipeline_run.queued_at)`, kind: 'instant' },
  RunEnd: { expression: sql<string>`coalesce(pipeline_run.ended_at, '')`, kind: 'instant' },
  RunGroupId: { expression: sql<string>`pipeline_run.run_group_id`, kind: 'text' },
  TriggerName: { expression: sql<string>`'Manual'`, kind: 'text' },
};

const activityColumns: Readonly<Record<string, Column>> = {
  ActivityName: { expression: sql<string>`activity_run.activity_name`, kind: 'text' },
  ActivityType: { expression: sql<string>`activity_run.activity_type`, kind: 'text' },
  Status: { expression: sql<string>`activity_run.state`, kind: 'text' },
  ActivityRunStart: { expression: sql<string>`activity_run.started_at`, kind: 'instant' },
  ActivityRunEnd: { expression: sql<string>`coalesce(activity_run.ended_at, '')`, kind: 'instant' },
};

type Filters = NonNullable<RunFilter['filters']>;

const columnFor = (columns: Readonly<Record<string, Column>>, operand: string, target: string): Column =>
  columns[operand] ??
  (() => {
    throw refuse(target, `${target} cannot be ${operand} here. It can be: ${Object.keys(columns).join(', ')}.`);
  })();

const conditionsOf = (columns: Readonly<Record<string, Column>>, filters: Filters): Expression<SqlBool>[] =>
  filters.map(({ operand, operator, values }, index) => {
    const target = `filters[${index}]`;
    if (operand === 'LatestOnly' && columns === runColumns) {
      const isAsked = values[0]?.toLowerCase() === 'true';
      return isAsked ? sql<SqlBool>`${isLatest}` : sql<SqlBool>`1 = 1`;
    }
    const { expression, kind } = columnFor(columns, operand, `${target}.operand`);
    if ((operator === 'Equals' || operator === 'NotEquals') && values.length !== 1)
      throw refuse(`${target}.values`, `${operator} takes one value; In and NotIn take several.`);
    const read = {
      text: (v: string) => v,
      name: (v: string) => v.toLowerCase(),
      instant: (v: string) => instant(target, v),
    };
    const among = sql.join(values.map((value) => sql`${read[kind](value)}`));
    const left = kind === 'name' ? sql`lower(${expression})` : expression;
    return operator === 'Equals' || operator === 'In'
      ? sql<SqlBool>`${left} in (${among})`
      : sql<SqlBool>`${left} not in (${among})`;
  });

const ordersOf = (
  columns: Readonly<Record<string, Column>>,
  filter: RunFilter,
  otherwise: Order,
  id: Expression<string>,
): Order[] => {
  const asked = (filter.orderBy ?? []).map(({ orderBy, order }, index): Order => {
    const { expression } = columnFor(columns, orderBy, `orderBy[${index}].orderBy`);
    return { name: orderBy, expression, direction: order === 'DESC' ? 'desc' : 'asc' };
  });
  const orders = asked.length > 0 ? asked : [otherwise];
  // The id makes the order total, so that a page ends at one row.
  return [...orders, { name: 'id', expression: id, direction: orders[0]!.direction }];
};

const select = async <Row extends object>(
  db: Database | Tx,
  from: { table: string; joined?: Expression<unknown>; fields: Expression<unknown> },
  conditions: readonly Expression<SqlBool>[],
  orders: readonly Order[],
  { token, size }: { token: string | undefined; size: number },
): Promise<{ rows: Row[]; continuationToken?: string }> => {
  const where = token === undefined ? conditions : [...conditions, afterToken(orders, token)];
  const keys = orders.map(({ expression }, index) => sql`${expression} as ${sql.id(`key_${index}`)}`);
  const order = orders.map(({ expression, direction }) => sql`${expression} ${sql.raw(direction)}`);
  const { rows } = await sql<Row & Record<string, string>>`
    select ${from.fields}, ${sql.join(keys)} from ${sql.table(from.table)} ${from.joined ?? sql``}
    where ${sql.join(where, sql` and `)} order by ${sql.join(order)} limit ${size + 1}`.execute(db);
  const last = rows.length > size ? rows[size - 1] : undefined;
  const values = orders.map((_, index) => String(last?.[`key_${index}`]));
  return { rows: rows.slice(0, size), ...(last && { continuationToken: writeToken(orders, values) }) };
};

/** No condition where the window leaves nothing out: rows are then read in their order, from its index, a page at a time. */
const updatedWithin = (table: string, filter: RunFilter): Expression<SqlBool>[] => {
  const after = instant('lastUpdatedAfter', filter.lastUpdatedAfter);
  const before = instant('lastUpdatedBefore', filter.lastUpdatedBefore);
  if (after <= always.after && before >= always.before) return [];
  return [sql<SqlBool>`${sql.table(table)}.updated_at between ${after} and ${before}`];
};

const runFields = sql`run_id, run_group_id, factory_key, pipeline_name, parameters, invoked_by, state, message,
  queued_at, started_at, ended_at, updated_at, ${isLatest} as is_latest`;

/** Pages of a factory's runs, newest first unless asked otherwise; of 100 unless told. */
export const queryRuns = async (
  db: Database | Tx,
  factoryKey: string,
  filter: RunFilter,
  size: number = usualPage,
): Promise<Page<PipelineRun>> => {
  const conditions = [
    sql<SqlBool>`pipeline_run.factory_key = ${factoryKey}`,
    ...updatedWithin('pipeline_run', filter),
    ...conditionsOf(runColumns, filter.filters ?? []),
  ];
  const newest: Order = { name: 'RunStart', expression: runColumns.RunStart!.expression, direction: 'desc' };
  const orders = ordersOf(runColumns, filter, newest, sql<string>`pipeline_run.run_id`);
  const from = { table: 'pipeline_run', fields: runFields };
  const { rows, ...more } = await select<RunRow>(db, from, conditions, orders, {
    token: filter.continuationToken,
    size,
  });
  return { value: rows.map(showRun), ...more };
};

/** One run of a factory, or undefined. */
export const findRun = async (
  db: Database | Tx,
  factoryKey: string,
  runId: string,
): Promise<PipelineRun | undefined> => {
  const { rows } = await sql<RunRow>`select ${runFields} from pipeline_run
    where run_id = ${runId} and factory_key = ${factoryKey}`.execute(db);
  return rows[0] && showRun(rows[0]);
};

const activityFields = sql`activity_run_id, activity_run.run_id, activity_name, activity_type, attempt,
  activity_run.state, input, output, error, activity_run.started_at, activity_run.ended_at, pipeline_name`;

/** Pages of a run's attempts, in the order they began unless asked otherwise. */
export const queryActivityRuns = async (
  db: Database | Tx,
  factoryKey: string,
  runId: string,
  filter: RunFilter,
): Promise<Page<ActivityRun>> => {
  const conditions = [
    sql<SqlBool>`activity_run.run_id = ${runId}`,
    sql<SqlBool>`activity_run.factory_key = ${factoryKey}`,
    ...updatedWithin('activity_run', filter),
    ...conditionsOf(activityColumns, filter.filters ?? []),
  ];
  const first: Order = {
    name: 'ActivityRunStart',
    expression: activityColumns.ActivityRunStart!.expression,
    direction: 'asc',
  };
  const orders = ordersOf(activityColumns, filter, first, sql<string>`activity_run.activity_run_id`);
  const joined = sql`join pipeline_run on pipeline_run.run_id = activity_run.run_id`;
  const from = { table: 'activity_run', joined, fields: activityFields };
  const { rows, ...more } = await select<ActivityRow>(db, from, conditions, orders, {
    token: filter.continuationToken,
    size: usualPage,
  });
  return { value: rows.map(showActivityRun), ...more };
};

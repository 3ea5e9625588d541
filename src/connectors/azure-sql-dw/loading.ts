// How the rows of a dedicated SQL pool are loaded: `allowCopyCommand`, `allowPolyBase` and their settings, by Azure's rules.
// The pool fetches nothing itself; what its own statements would have done is done on the way, or refused by name. Pure.
import { choiceAt, countAt, flagAt, groupAt, groupsAt, type Properties, propertyError, textAt } from '../property.ts';
import { type DateOrder, dateOrders } from '../row/date-time.ts';
import type { DefaultValue, Loading, RejectLimit } from '../row/loading.ts';

const mostRows = 2_147_483_647;

const ofTheDataset = "is not supported: the source's dataset says how its files are written; remove it";
const ofThePool =
  'is not supported: the pool reaches no store by itself; logSettings tell of the rows that are left out';

/** Options of COPY that are refused whatever they say. */
const refused: Readonly<Record<string, string>> = {
  FILE_TYPE: ofTheDataset,
  FILE_FORMAT: ofTheDataset,
  COMPRESSION: ofTheDataset,
  FIELDQUOTE: ofTheDataset,
  FIELDTERMINATOR: ofTheDataset,
  ROWTERMINATOR: ofTheDataset,
  FIRSTROW: ofTheDataset,
  ENCODING: ofTheDataset,
  CREDENTIAL: ofThePool,
  ERRORFILE: ofThePool,
  ERRORFILE_CREDENTIAL: ofThePool,
};

/** Options of COPY that may only be off, and what to do about it. */
const onlyOff: Readonly<Record<string, string>> = {
  IDENTITY_INSERT: 'the pool makes the values of its identity column',
  AUTO_CREATE_TABLE: 'give the sink the tableOption autoCreate',
};

/** The value of an option, as COPY would read it: `'ymd'` is `YMD`. */
const optionAt = (options: Properties, name: string): string => {
  const value = options.values[name];
  if (typeof value !== 'string' && typeof value !== 'number') throw propertyError(options, name, 'must be text');
  const text = String(value).trim();
  return (/^'(.*)'$/s.exec(text)?.[1] ?? text).toUpperCase();
};

/** Reads `additionalOptions`, which in Azure become words of the statement. */
const readOptions = (options: Properties): Pick<Loading, 'rejects' | 'dateOrder'> => {
  let rejects: RejectLimit | undefined;
  let dateOrder: DateOrder | undefined;
  for (const name of Object.keys(options.values)) {
    const option = name.trim().toUpperCase();
    const rule = refused[option];
    if (rule !== undefined) throw propertyError(options, name, rule);
    const value = optionAt(options, name);
    if (option === 'MAXERRORS') {
      if (!/^\d{1,10}$/.test(value) || Number(value) > mostRows)
        throw propertyError(options, name, `must be a whole number from 0 to ${mostRows}`);
      rejects = { code: 'UserErrorSqlDWCopyCommandError', name: 'MAXERRORS', most: Number(value), sample: undefined };
    } else if (option === 'DATEFORMAT') {
      dateOrder = dateOrders.find((order) => order === value.toLowerCase());
      if (!dateOrder) throw propertyError(options, name, `must be one of ${dateOrders.join(', ')}`);
    } else {
      const wayOut = onlyOff[option];
      if (wayOut === undefined) throw propertyError(options, name, 'is no option of COPY that is known; remove it');
      if (value !== 'OFF') throw propertyError(options, name, `is only supported as OFF: ${wayOut}`);
    }
  }
  return { rejects, dateOrder };
};

const readDefault = (given: Properties): DefaultValue => {
  const column = textAt(given, 'columnName');
  if (!column) throw propertyError(given, 'columnName', 'must name a column of the table');
  const { defaultValue: value } = given.values;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw propertyError(given, 'defaultValue', 'must be text, a number, true or false');
  return { column, value: String(value), given };
};

const readDefaults = (settings: Properties): DefaultValue[] => {
  const defaults = (groupsAt(settings, 'defaultValues') ?? []).map(readDefault);
  const names = defaults.map(({ column }) => column.toLowerCase());
  for (const [at, { given }] of defaults.entries())
    if (names.indexOf(names[at]!) !== at) throw propertyError(given, 'columnName', 'has a default value already');
  return defaults;
};

/** A percentage; digits as text are taken too. */
const percentAt = (from: Properties, name: string): number => {
  const value = from.values[name] ?? 0;
  const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && number >= 0 && number <= 100) return number;
  throw propertyError(from, name, 'must be a number from 0 to 100, for rejectType is percentage');
};

const readReject = (settings: Properties): RejectLimit | undefined => {
  const limit = { code: 'FailedDbOperation', name: 'rejectValue' };
  if (choiceAt(settings, 'rejectType', ['value', 'percentage']) !== 'percentage') {
    const most = countAt(settings, 'rejectValue', 0, mostRows);
    return most === undefined ? undefined : { ...limit, most, sample: undefined };
  }
  const sample = countAt(settings, 'rejectSampleValue', 1, mostRows);
  if (sample === undefined)
    throw propertyError(settings, 'rejectSampleValue', 'must be given, for rejectType is percentage');
  return { ...limit, most: percentAt(settings, 'rejectValue'), sample };
};

/** Reads a `SqlDWSink`. Settings of a way that is not chosen are not looked at, as in Azure. */
export const readLoading = (settings: Properties): Loading => {
  const [byCopy, byPolyBase] = [flagAt(settings, 'allowCopyCommand'), flagAt(settings, 'allowPolyBase')];
  if (byCopy && byPolyBase)
    throw propertyError(settings, 'allowPolyBase', 'and allowCopyCommand cannot both be true: leave one of them out');
  const upserts = textAt(settings, 'writeBehavior')?.toLowerCase() === 'upsert';
  const facts = { sqlDwPolyBase: false, sqlDwCopyMethod: upserts ? 'Upsert' : 'BulkInsert' };
  const plain: Loading = { rejects: undefined, defaults: [], usesTypeDefaults: false, dateOrder: undefined, facts };
  if (byCopy) {
    const own = groupAt(settings, 'copyCommandSettings');
    return { ...plain, ...readOptions(groupAt(own, 'additionalOptions')), defaults: readDefaults(own) };
  }
  if (!byPolyBase) return plain;
  const own = groupAt(settings, 'polyBaseSettings');
  return { ...plain, rejects: readReject(own), usesTypeDefaults: flagAt(own, 'useTypeDefault') ?? false };
};

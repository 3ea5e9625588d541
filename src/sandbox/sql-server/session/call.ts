// Calls of procedures as the wire brings them.
import { SqlError, unsupported } from '../sql-error.ts';
import { readName } from '../translate/object-name.ts';
import { typeOf } from '../type/sql-type.ts';
import type { Call, Parameter } from '../wire/request.ts';
import type { VariableTable } from './evaluate.ts';
import { type Argument, callProcedure, type Execution, type Outcome, runText, tellFailure } from './interpreter.ts';
import { readDeclaration, requireText } from './procedure.ts';
import { recast } from './run-query.ts';
import type { Prepared } from './session.ts';

const int = typeOf('int');
const mostPrepared = 1000;

type WireOutput = { ordinal: number; name: string; type: Parameter['type']; value: Parameter['value'] };

const argumentsOf = (parameters: readonly Parameter[]): Argument[] =>
  parameters.map(({ name, type, value, isOutput }) => ({ type, value, isOutput, ...(name !== '' && { name }) }));

/** Output parameters that the client wants back, with what they became. */
const outputsOf = (parameters: readonly Parameter[], outcome: Outcome, first = 0): WireOutput[] => {
  const byPlace = [...outcome.outputs.values()];
  let place = 0;
  return parameters.flatMap(({ name, isOutput }, ordinal): WireOutput[] => {
    if (!isOutput || ordinal < first) return [];
    const found = name === '' ? byPlace[place++] : outcome.outputs.get(name.toLowerCase());
    return found ? [{ ordinal, name, type: found.type, value: found.value }] : [];
  });
};

let lastHandle = 0;

const prepare = ({ session }: Execution, [, declared, statement]: readonly Parameter[]): number => {
  if (session.prepared.size >= mostPrepared)
    throw new SqlError(701, `A session has at most ${mostPrepared} prepared statements.`);
  const parameters = readDeclaration(declared?.value == null ? '' : requireText(declared.value, 'sp_prepare'));
  const handle = ++lastHandle;
  session.prepared.set(handle, { text: requireText(statement?.value, 'sp_prepare'), parameters });
  return handle;
};

const executePrepared = async (
  execution: Execution,
  prepared: Prepared,
  values: readonly Parameter[],
): Promise<number> => {
  const variables: VariableTable = new Map();
  for (const [index, { name, type }] of prepared.parameters.entries()) {
    const given = values.find((one) => one.name.toLowerCase() === name) ?? values[index];
    if (!given)
      throw new SqlError(8178, `The parameterized query expects the parameter '${name}', which was not supplied.`);
    variables.set(name, { type, value: await recast(execution.session, given.value, given.type, type) });
  }
  const end = await runText(execution, prepared.text, variables);
  return typeof end === 'object' ? end.returns : 0;
};

const findPrepared = ({ session }: Execution, parameter: Parameter | undefined): [number, Prepared] => {
  const handle = Number(parameter?.value ?? -1);
  const found = session.prepared.get(handle);
  if (found) return [handle, found];
  throw new SqlError(8179, `Could not find prepared statement with handle ${handle}.`);
};

const handleOutput = (handle: number, parameter: Parameter | undefined): WireOutput[] => [
  { ordinal: 0, name: parameter?.name ?? '', type: int, value: BigInt(handle) },
];

const perform = async (
  execution: Execution,
  { procedure, parameters }: Call,
): Promise<{ status: number; outputs: WireOutput[] }> => {
  const name = readName(procedure);
  switch (name.parts.at(-1)!.toLowerCase()) {
    case 'sp_prepare':
      return { status: 0, outputs: handleOutput(prepare(execution, parameters), parameters[0]) };
    case 'sp_execute': {
      const [, prepared] = findPrepared(execution, parameters[0]);
      return { status: await executePrepared(execution, prepared, parameters.slice(1)), outputs: [] };
    }
    case 'sp_prepexec': {
      const handle = prepare(execution, parameters);
      const status = await executePrepared(execution, execution.session.prepared.get(handle)!, parameters.slice(3));
      return { status, outputs: handleOutput(handle, parameters[0]) };
    }
    case 'sp_unprepare': {
      const [handle] = findPrepared(execution, parameters[0]);
      execution.session.prepared.delete(handle);
      return { status: 0, outputs: [] };
    }
    case 'sp_reset_connection':
      await execution.session.reset();
      return { status: 0, outputs: [] };
    default: {
      if (/^sp_cursor/i.test(procedure)) throw unsupported('A server-side cursor');
      const outcome = await callProcedure(execution, name, argumentsOf(parameters));
      const first = procedure.toLowerCase() === 'sp_executesql' ? 2 : 0;
      return { status: outcome.status, outputs: outputsOf(parameters, outcome, first) };
    }
  }
};

/** Runs the calls of a message; each has an end of its own. */
export const runCalls = async (execution: Execution, calls: readonly Call[]): Promise<void> => {
  const { reply } = execution;
  for (const call of calls) {
    let status = 0;
    let outputs: WireOutput[] = [];
    reply.depth++;
    try {
      ({ status, outputs } = await perform(execution, call));
    } catch (error) {
      await tellFailure(execution, error);
      status = error instanceof SqlError ? -error.severity : -1;
    } finally {
      reply.depth--;
    }
    await reply.procedureEnd(status, outputs);
  }
};

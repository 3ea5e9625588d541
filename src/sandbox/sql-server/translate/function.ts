// Which functions there are, by name. What is not here is not called: the engine's own functions are out of reach.
import { SqlError } from '../sql-error.ts';
import type { Context, Piece, Scope } from './context.ts';
import { translate } from './expression.ts';
import { aggregateFunctions } from './function-aggregate.ts';
import type { Call, FunctionRule, RawRule } from './function-rule.ts';
import { systemFunctions } from './function-system.ts';
import { textFunctions } from './function-text.ts';
import { timeFunctions } from './function-time.ts';
import { valueFunctions } from './function-value.ts';

let all: ReadonlyMap<string, FunctionRule | RawRule> | undefined;

const find = (name: string): FunctionRule | RawRule | undefined => {
  all ??= new Map(
    [textFunctions, timeFunctions, valueFunctions, aggregateFunctions, systemFunctions].flatMap((table) =>
      Object.entries(table),
    ),
  );
  return all.get(name);
};

/** A call of a built-in function; 195 for what is none. */
export const translateCall = (call: Call, context: Context, scope: Scope | null): Piece => {
  const found = find(call.name);
  const words = (number: number, message: string) => new SqlError(number, message, { severity: 15 });
  if (!found)
    throw words(195, `'${call.name}' is not a recognized built-in function name of Postern's sandbox SQL server.`);
  const site = { call, context, scope };
  if ('raw' in found) return found.raw(site);
  const { least, most } = found;
  if (call.arguments.length < least || call.arguments.length > most || call.isStar)
    throw words(
      174,
      `The ${call.name.toLowerCase()} function requires ${least === most ? least : `${least} to ${most}`} argument(s).`,
    );
  if (call.over || call.isDistinct)
    throw words(4113, `The function '${call.name.toLowerCase()}' cannot be used with the OVER clause or DISTINCT.`);
  return found.translate(
    call.arguments.map((one) => translate(one, context, scope)),
    site,
  );
};

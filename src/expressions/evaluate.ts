// The part of the pipeline expression language that names values: `@pipeline().parameters.x`, `@dataset().x`,
// `@linkedService().x`, alone or inside text as `@{...}`. Anything else is refused by name. Pure.
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';

/** What an expression may name. Absent: that function does not exist where the expression stands. */
export type Scope = {
  pipeline?: { parameters: JsonObject; system: Readonly<Record<string, string>> };
  dataset?: JsonObject;
  linkedService?: JsonObject;
};

/** An expression that cannot be evaluated. `path` is where it stood. */
export class ExpressionError extends Error {
  readonly code = 'InvalidExpression';
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.name = 'ExpressionError';
    this.path = path;
  }
}

const forms = '@pipeline().parameters.NAME, @dataset().NAME, @linkedService().NAME and @{...} inside text';
const reference = /^\s*(pipeline|dataset|linkedService)\s*\(\s*\)\s*\.\s*(?:(parameters)\s*\.\s*)?(\w+)\s*$/i;

const own = (values: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

const lookUp = (expression: string, scope: Scope, path: string): Json => {
  const found = reference.exec(expression);
  if (!found)
    throw new ExpressionError(
      path,
      `The expression @${expression.trim()} is not supported by this version, which knows ${forms}.`,
    );
  const [, called = '', parameters, name = ''] = found;
  const refuse = (what: string): never => {
    throw new ExpressionError(path, `The expression @${expression.trim()} names ${what}.`);
  };
  const kind = called.toLowerCase();
  if (kind === 'pipeline') {
    if (!scope.pipeline) return refuse('the pipeline, which is not known here; pass the value as a parameter');
    if (parameters)
      return own(scope.pipeline.parameters, name) ?? refuse(`the pipeline parameter ${name}, which is not declared`);
    const system = Object.entries(scope.pipeline.system).find(([key]) => key.toLowerCase() === name.toLowerCase());
    return system?.[1] ?? refuse(`${name}, which a pipeline does not have`);
  }
  const values = kind === 'dataset' ? scope.dataset : scope.linkedService;
  if (!values || parameters) return refuse(`${called}(), which is not known here`);
  return (
    own(values, name) ??
    refuse(`the ${kind === 'dataset' ? 'dataset' : 'linked service'} parameter ${name}, which is not declared`)
  );
};

/** The most that expressions may put into one value, characters: a short text can name a long one many times. */
const mostPutIn = 8 * 1024 * 1024;

type Budget = { left: number };

const spend = (value: Json, budget: Budget, path: string): Json => {
  budget.left -= typeof value === 'string' ? value.length : (JSON.stringify(value)?.length ?? 0);
  if (budget.left < 0)
    throw new ExpressionError(
      path,
      `The expressions together stand for more than ${mostPutIn / 2 ** 20} million characters: name large values fewer times.`,
    );
  return value;
};

const asText = (value: Json): string => {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const interpolate = (text: string, scope: Scope, path: string, budget: Budget): string =>
  text.replace(/@@\{|@\{([^}]*)(\}?)/g, (_, expression: string | undefined, end: string) => {
    if (expression === undefined) return '@{';
    // Not shown: the rest of the text may hold a secret.
    if (end === '') throw new ExpressionError(path, 'An expression that begins with @{ has no closing brace.');
    return asText(spend(lookUp(expression, scope, path), budget, path));
  });

/** The value of one string: an expression (`@x`), text with expressions in it, or text as it is. `@@` at the start stands for `@`. */
export const evaluateText = (text: string, scope: Scope, path: string, budget: Budget = { left: mostPutIn }): Json => {
  if (text.startsWith('@@') && !text.startsWith('@@{')) return interpolate(text.slice(1), scope, path, budget);
  if (text.startsWith('@') && !text.startsWith('@{') && !text.startsWith('@@{'))
    return spend(lookUp(text.slice(1), scope, path), budget, path);
  return interpolate(text, scope, path, budget);
};

/**
 * A copy of `value` with every expression in it replaced by what it stands for; `{ "type": "Expression", "value" }`
 * becomes its value. Errors: `ExpressionError` naming the expression and where it stands.
 */
export const evaluate = (value: Json, scope: Scope, path = '', budget: Budget = { left: mostPutIn }): Json => {
  if (typeof value === 'string') return evaluateText(value, scope, path, budget);
  if (Array.isArray(value)) return value.map((item, index) => evaluate(item, scope, `${path}[${index}]`, budget));
  if (!isJsonObject(value)) return value;
  if (value.type === 'Expression' && typeof value.value === 'string')
    return evaluateText(value.value, scope, path, budget);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      evaluate(item, scope, path === '' ? name : `${path}.${name}`, budget),
    ]),
  );
};

/** The text that `evaluateText` turns into `text`: for values that are not to be read as expressions. */
export const literal = (text: string): string => {
  const escaped = text.replaceAll('@{', '@@{');
  return text.startsWith('@') && !text.startsWith('@{') ? `@${escaped}` : escaped;
};

/** True where a text names a value of the pipeline, dataset or linked service. */
export const namesValue = (text: string): boolean =>
  /^@\s*(pipeline|dataset|linkedService)\s*\(|@\{\s*(pipeline|dataset|linkedService)\s*\(/i.test(text);

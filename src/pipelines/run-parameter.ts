// The parameters of a run: bound when it is asked for, those of type SecureString kept sealed and shown masked.
import type { JsonObject } from '../base/json.ts';
import { openSecret, type SecretKey, sealSecret, secretMask } from '../database/secret.ts';
import type { Scope } from '../expressions/evaluate.ts';
import { secureParameters } from '../expressions/parameter.ts';
import { type Definition, objectOf, propertiesOf } from './definition.ts';

const place = (name: string) => `parameters.${name}`;

/** Parts bound values into what everybody may see and what only this run can open. */
export const sealParameters = (
  key: SecretKey,
  runId: string,
  declared: JsonObject,
  values: JsonObject,
): { shown: JsonObject; sealed: Record<string, string> } => {
  const secure = secureParameters(declared);
  const seal = (name: string) => Buffer.from(sealSecret(key, runId, place(name), values[name]!)).toString('base64');
  return {
    shown: { ...values, ...Object.fromEntries(secure.map((name) => [name, secretMask])) },
    sealed: Object.fromEntries(secure.map((name) => [name, seal(name)])),
  };
};

/** The bound values of a run, in clear. */
export const openParameters = (
  key: SecretKey,
  runId: string,
  shown: JsonObject,
  sealed: Record<string, string>,
): JsonObject => ({
  ...shown,
  ...Object.fromEntries(
    Object.entries(sealed).map(([name, text]) => [
      name,
      openSecret(key, runId, place(name), Buffer.from(text, 'base64')),
    ]),
  ),
});

/** What the expressions of a run's activities may name. */
export const scopeOf = (
  definition: Definition,
  run: { runId: string; runGroupId: string; queuedAt: string },
  parameters: JsonObject,
): Scope => ({
  pipeline: {
    parameters,
    system: {
      DataFactory: definition.factory.name,
      Pipeline: definition.pipeline.name,
      RunId: run.runId,
      GroupId: run.runGroupId,
      TriggerType: 'Manual',
      TriggerName: 'Manual',
      TriggerTime: run.queuedAt,
    },
  },
});

/** The declarations of a pipeline's parameters. */
export const declaredParameters = (definition: Definition): JsonObject =>
  objectOf(propertiesOf(definition.pipeline).parameters);

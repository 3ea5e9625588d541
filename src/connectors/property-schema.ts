// Words for the schemas of linked services, datasets and activities. They are plain JSON Schema, so that a worker does
// not load a schema library only to learn which code to run (100 ms). Any property may be an expression.
import type { TSchema } from 'typebox';

const expression = {
  type: 'object',
  required: ['type', 'value'],
  properties: { type: { const: 'Expression' }, value: { type: 'string' } },
} as const satisfies TSchema;

/** Text. */
export const text = { anyOf: [{ type: 'string' }, expression] } as const satisfies TSchema;
/** True or false. */
export const flag = { anyOf: [{ type: 'boolean' }, { type: 'string' }, expression] } as const satisfies TSchema;
/** A whole number. */
export const count = { anyOf: [{ type: 'integer' }, { type: 'string' }, expression] } as const satisfies TSchema;
/** Text, a `SecureString`, or a secret in a Key Vault. */
export const secret = {
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      required: ['type'],
      properties: { type: { enum: ['SecureString', 'Expression'] } },
    },
    {
      type: 'object',
      required: ['type', 'store', 'secretName'],
      properties: {
        type: { const: 'AzureKeyVaultSecret' },
        store: { type: 'object' },
        secretName: text,
        secretVersion: text,
      },
    },
  ],
} as const satisfies TSchema;

/** An object with at least these properties; others are kept. */
export const group = (properties: Record<string, TSchema>, required: readonly string[] = []): TSchema => ({
  type: 'object',
  required: [...required],
  properties,
});

/** An object whose `type` is the given name. */
export const typed = (type: string, properties: Record<string, TSchema>, required: readonly string[] = []): TSchema =>
  group({ type: { const: type }, ...properties }, ['type', ...required]);

/** A reference to a dataset of the factory. */
export const datasetReference = {
  type: 'object',
  required: ['referenceName', 'type'],
  properties: { referenceName: { type: 'string', minLength: 1 }, type: { const: 'DatasetReference' } },
} as const satisfies TSchema;

/** A list, or an expression that gives one. */
export const list = { anyOf: [{ type: 'array' }, expression, { type: 'string' }] } as const satisfies TSchema;

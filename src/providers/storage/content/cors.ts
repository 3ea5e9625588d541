// Rules for browsers (CORS): as resources write them, and as stores keep them. Pure.
import { type Static, Type } from 'typebox';

const Words = Type.Array(Type.String({ pattern: '^[^,\\u0000-\\u001f\\u007f]{1,256}$' }), { maxItems: 64 });
const methods = ['DELETE', 'GET', 'HEAD', 'MERGE', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'CONNECT', 'TRACE'];

/** What a service says of CORS. */
export const Cors = Type.Object({
  corsRules: Type.Optional(
    Type.Array(
      Type.Object({
        allowedOrigins: Words,
        allowedMethods: Type.Array(Type.Enum(methods)),
        allowedHeaders: Words,
        exposedHeaders: Words,
        maxAgeInSeconds: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
      }),
      { maxItems: 5 },
    ),
  ),
});

/** A rule as the clients of stores have it: lists are words with commas between. */
export type StoredRule = {
  allowedOrigins: string;
  allowedMethods: string;
  allowedHeaders: string;
  exposedHeaders: string;
  maxAgeInSeconds: number;
};

const joined = (words: readonly string[]) => words.join(',');
const parted = (words: string | undefined) => (words ? words.split(',').map((word) => word.trim()) : []);

/** The rules to store, or undefined where the service's CORS say nothing of rules. */
export const storedRules = (cors: Static<typeof Cors> | undefined): StoredRule[] | undefined =>
  cors?.corsRules?.map((rule) => ({
    allowedOrigins: joined(rule.allowedOrigins),
    allowedMethods: joined(rule.allowedMethods as string[]),
    allowedHeaders: joined(rule.allowedHeaders),
    exposedHeaders: joined(rule.exposedHeaders),
    maxAgeInSeconds: rule.maxAgeInSeconds,
  }));

/** The rules as resources show them. */
export const shownCors = (rules: readonly StoredRule[] | undefined) => ({
  corsRules: (rules ?? []).map((rule) => ({
    allowedOrigins: parted(rule.allowedOrigins),
    allowedMethods: parted(rule.allowedMethods),
    allowedHeaders: parted(rule.allowedHeaders),
    exposedHeaders: parted(rule.exposedHeaders),
    maxAgeInSeconds: Number(rule.maxAgeInSeconds),
  })),
});

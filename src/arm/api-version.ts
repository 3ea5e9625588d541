import { ServiceError } from '../base/error.ts';
import { regions } from './location.ts';

const form = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(-[a-z]+)?$/i;

const bad = (code: string, message: string) => new ServiceError(400, code, message, { target: 'api-version' });

const dateOf = (version: string) => version.slice(0, 10);

/** Younger than all that we know, and not of the future: what a client that came out after us sends. */
const isOfNewClient = (version: string, supported: readonly string[], today: string) =>
  supported.every((one) => dateOf(one) < dateOf(version)) && dateOf(version) <= today;

/**
 * The request's api-version in lower case, or the error that Azure gives for a missing, malformed or unknown one. A
 * version younger than all of `supported` is taken for the newest of them (decision 0028), unless it is later than `today` (ISO 8601).
 */
export const checkApiVersion = (
  asked: string | undefined,
  supported: readonly string[],
  type: string,
  today = new Date().toISOString().slice(0, 10),
): string => {
  if (asked === undefined || asked === '')
    throw bad(
      'MissingApiVersionParameter',
      `The api-version query parameter (?api-version=) is required for all requests. Supported for '${type}': ${supported.join(', ')}.`,
    );
  if (!form.test(asked))
    throw bad(
      'InvalidApiVersionParameter',
      `The api-version '${asked}' is invalid. The supported versions are '${supported.join(', ')}'.`,
    );
  const version = asked.toLowerCase();
  const isKnown = supported.some((one) => one.toLowerCase() === version);
  if (!isKnown && !isOfNewClient(version, supported, today))
    throw bad(
      'NoRegisteredProviderFound',
      `No registered resource provider found for API version '${asked}' for type '${type}'. The supported api-versions are '${supported.join(', ')}'. The supported locations are '${regions.join(', ')}'.`,
    );
  return version;
};

// The official client, as this connector wants it: one host, and failures that tell what failed.
import { CosmosClient, type CosmosClientOptions } from '@azure/cosmos';
import { givenToken } from '../access.ts';
import { boundedAgent } from '../http.ts';
import { patience } from '../patience.ts';
import type { Account } from './account.ts';
import { markLost } from './failure.ts';

/** Silence ends a request; this is for one that is answered in drops. */
const requestTimeoutMs = () => 5 * patience.silentMs;

/** Options of a single call; each call has an object of its own. */
export type CallOptions = { abortSignal: AbortSignal; contentResponseOnWriteEnabled: boolean };

/** A client, and what the last request of a call failed with, whatever the client made of it. */
export type OpenClient = { client: CosmosClient; failureOf(options: CallOptions): unknown };

type Send = (context: { options?: object }) => Promise<unknown>;

// The client has this option and does not document it; its version is held. Without it the failure of a bulk has no
// code, and a lost connection is tried ten times, a second apart: a network that refuses must fail a run in a second.
type Plugged = CosmosClientOptions & {
  plugins: {
    on: 'request';
    plugin(context: { options?: object }, diagnostics: unknown, next: Send): Promise<unknown>;
  }[];
};

/** Opens the client of an account. Nothing is sent yet. */
export const openClient = ({ endpoint, credential }: Pick<Account, 'endpoint' | 'credential'>): OpenClient => {
  const failures = new WeakMap<object, unknown>();
  const options: Plugged = {
    endpoint,
    ...(credential.kind === 'key' ? { key: credential.key } : { aadCredentials: givenToken(credential) }),
    agent: boundedAgent(),
    connectionPolicy: {
      // The account's own host, and no other that an answer might name.
      enableEndpointDiscovery: false,
      enableBackgroundEndpointRefreshing: false,
      requestTimeout: requestTimeoutMs(),
    },
    plugins: [
      {
        on: 'request',
        plugin: async (context, _diagnostics, next) => {
          try {
            return await next(context);
          } catch (error) {
            markLost(error);
            if (context.options) failures.set(context.options, error);
            throw error;
          }
        },
      },
    ],
  };
  return { client: new CosmosClient(options), failureOf: (call) => failures.get(call) };
};

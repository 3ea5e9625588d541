// Access tokens at an account: whom one stands for is checked here; what they may do is asked for each request.
import { createTokenReader, type TokenFault, TokenRefused, type Trust } from '../access-token.ts';
import type { GateAnswer, GateQuestion } from '../gate.ts';
import type { CosmosAction, CosmosGrant } from '../sandbox.ts';
import { CosmosError } from './cosmos-error.ts';

/** Refuses (403) what the bearer of a token may not do. `actions` is null for what is not for tokens at all. */
export type DemandActions = (actions: readonly CosmosAction[] | null) => void;

/** Reads a token that came with a request. Errors: 401 with what is wrong with it, 503 where the control plane does not answer. */
export type ReadCosmosToken = (
  token: string,
  request: { method: string; segments: readonly string[] },
) => Promise<DemandActions>;

const refuse = (substatus: number, message: string) => new CosmosError(401, 'Unauthorized', message, substatus);

const refusalOf = (fault: TokenFault, account: string, tenantId: string): CosmosError => {
  switch (fault.kind) {
    case 'form':
      return refuse(5003, 'The authorization header holds no access token after type=aad&ver=1.0&sig=.');
    case 'signature':
      return refuse(5004, 'The access token was not signed by the issuer that this account trusts.');
    case 'expired':
      return refuse(5006, 'The access token has expired. Ask for a new one.');
    case 'tenant':
      return refuse(5007, `The access token is not from the tenant '${tenantId}'.`);
    case 'audience':
      return refuse(
        5008,
        `The access token is for '${fault.found.slice(0, 200)}'. Ask for the scope 'https://${account}.documents.azure.com/.default' or 'https://cosmos.azure.com/.default'.`,
      );
    case 'host':
      return refuse(5008, `The access token is for the host '${fault.found.slice(0, 200)}' only.`);
    case 'principal':
      return refuse(5011, 'The access token names no principal.');
  }
};

const isWithin = (scope: readonly string[], segments: readonly string[]): boolean =>
  scope.length <= segments.length && scope.every((segment, at) => segment === segments[at]);

const forbid = (account: string, substatus: number, why: string) =>
  new CosmosError(403, 'Forbidden', `Request blocked by Auth ${account} : ${why}`, substatus);

/** Builds the reader of one account. `ask` is answered by the control plane, null where it is not. */
export const createCosmosBearer = (order: {
  account: string;
  trust: Trust;
  ask(question: unknown): Promise<unknown>;
}): ReadCosmosToken => {
  const { account, trust } = order;
  const host = `${account}.documents.azure.com`;
  const read = createTokenReader({
    ...trust,
    audiences: [`https://${host}`, `https://${host}:443`, 'https://cosmos.azure.com'],
    hosts: [host],
  });
  return async (token, { method, segments }) => {
    const { objectId } = await read(token).catch((error: unknown) => {
      throw error instanceof TokenRefused ? refusalOf(error.fault, account, trust.tenantId) : error;
    });
    const question: GateQuestion = { store: account, objectId };
    const answer = (await order.ask(question)) as GateAnswer<CosmosGrant> | null;
    if (!answer)
      throw new CosmosError(503, 'ServiceUnavailable', 'Who may do what is not known at the moment. Try again.');
    const { permissions: grants } = answer;
    if (!grants) throw refuse(5011, `The principal '${objectId}' of the access token does not exist any more.`);
    return (actions) => {
      if (actions === null)
        throw forbid(
          account,
          5300,
          `The given request [${method} /${segments.join('/').slice(0, 500)}] cannot be authorized by AAD token in data plane. Use a key, or make and change databases and containers as resources.`,
        );
      // Every client asks for the account first, whatever in it it may go to.
      const isReached = (scope: readonly string[]) => segments.length === 0 || isWithin(scope, segments);
      const missing = actions.find(
        (action) => !grants.some((grant) => isReached(grant.scope) && grant.actions.includes(action)),
      );
      if (missing === undefined) return;
      const place = segments.slice(0, 4).join('/').slice(0, 500) || '/';
      throw forbid(
        account,
        missing === 'readMetadata' ? 5301 : 5302,
        `Request is blocked because principal [${objectId}] does not have required RBAC permissions to perform action [Microsoft.DocumentDB/databaseAccounts/${missing}] on resource [${place}]. Give it a role such as Cosmos DB Built-in Data ${missing.includes('/items/') && !missing.endsWith('/read') ? 'Contributor' : 'Reader'} there, by a sqlRoleAssignment of the account.`,
      );
    };
  };
};

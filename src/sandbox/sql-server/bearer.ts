// Access tokens at a SQL server: whom one stands for is checked here; who that is to the server is asked at each login.
import { createTokenReader, type TokenFault, TokenRefused, type Trust } from '../access-token.ts';
import type { GateAnswer, GateQuestion } from '../gate.ts';
import type { SqlPermission } from '../sandbox.ts';
import { SqlError } from './sql-error.ts';

/** What tokens for SQL servers are for. */
export const sqlResource = 'https://database.windows.net/';

/** Who logs in by a token. */
export type TokenLogin = { objectId: string; login: string; isAdministrator: boolean };

/** What a server does with tokens. */
export type SqlBearer = {
  /** Reads a token. Errors: 18456 with what is wrong with it, 40613 where the control plane does not answer. */
  read(token: string): Promise<TokenLogin>;
  /** Where tokens are to be had. */
  issuer(): Promise<string>;
};

/** A login by a token that is not let in. */
export const refuseToken = (why: string): SqlError =>
  new SqlError(18456, `Login failed for user '<token-identified principal>'. ${why}`, { severity: 14 });

const wordsOf = (fault: TokenFault, tenantId: string): string => {
  switch (fault.kind) {
    case 'form':
      return 'What was sent is no access token.';
    case 'audience':
      return `The token is for '${fault.found.slice(0, 200)}'. Ask for the scope '${sqlResource}.default'.`;
    case 'tenant':
      return `The token is not from the tenant '${tenantId}', which is the server's.`;
    case 'host':
      return `The token is for the host '${fault.found.slice(0, 200)}' only.`;
    case 'principal':
      return 'The token names no principal.';
    case 'expired':
      return 'The token has expired. Ask for a new one.';
    case 'signature':
      return 'The token was not signed by the issuer that this server trusts.';
  }
};

/** Builds it for one server. `ask` is answered by the control plane, null where it is not. */
export const createSqlBearer = (order: {
  host: string;
  trust: Trust;
  ask(question: unknown): Promise<unknown>;
}): SqlBearer => {
  const { host, trust } = order;
  const readToken = createTokenReader({ ...trust, audiences: ['https://database.windows.net'], hosts: [host] });
  const question = (objectId: string | null) =>
    order.ask({ store: host, objectId } satisfies GateQuestion) as Promise<GateAnswer<SqlPermission> | null>;
  return {
    issuer: async () => {
      const { authority } = (await question(null)) ?? {};
      return `${authority ?? 'https://login.microsoftonline.com'}/${trust.tenantId}`;
    },
    read: async (token) => {
      const { objectId, applicationId } = await readToken(token).catch((error: unknown) => {
        throw error instanceof TokenRefused ? refuseToken(wordsOf(error.fault, trust.tenantId)) : error;
      });
      const answer = await question(objectId);
      if (!answer)
        throw new SqlError(40613, 'Who may log in by a token is not known at the moment. Please retry the connection.');
      if (!answer.permissions) throw refuseToken(`The principal '${objectId}' does not exist any more.`);
      return {
        objectId,
        login: `${applicationId}@${trust.tenantId}`,
        isAdministrator: answer.permissions.includes('administer'),
      };
    },
  };
};

// The operations of Postern.Authoring that are no factory's: what changes, and codes to sign in with.
import { Type } from 'typebox';
import { authorizationFailed } from '../../arm/authorization/access.ts';
import { readCaller } from '../../arm/principal.ts';
import type { Operation, Route } from '../../arm/resource-type.ts';
import type { SignInCodes } from '../../arm/studio/sign-in-code.ts';
import { checkBody } from '../../arm/validation.ts';
import { ServiceError } from '../../base/error.ts';
import type { EventFeed } from './event-feed.ts';

const apiVersions = ['2026-11-01'];

const eventsRoute = (feed: EventFeed): Route => ({
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/providers/Postern.Authoring/events',
  apiVersions,
  // Each event asks for the permission to read what it tells of.
  permission: null,
  run: async () => ({ stream: feed.attach }),
});

const Wish = Type.Object({ principalId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) });
const managing = 'Microsoft.Authorization/principals/write';

const signInCode = async ({ tx, body, caller, may, origin }: Operation, codes: SignInCodes) => {
  checkBody(Wish, body);
  const objectId = body.principalId === undefined ? caller.objectId : String(body.principalId).toLowerCase();
  if (objectId !== caller.objectId) {
    // Who may make principals may be any of them.
    if (!may(managing, '/')) throw authorizationFailed(caller, managing, '/');
    if (!(await readCaller(tx, objectId)))
      throw new ServiceError(404, 'PrincipalNotFound', `There is no principal with the object id '${objectId}'.`, {
        target: 'principalId',
      });
  }
  const { code, expiresAt } = codes.issue(objectId);
  return { code, url: `${origin}/studio/#code=${code}`, expiresAt: expiresAt.toISOString() };
};

/** The routes. */
export const authoringRoutes = (feed: EventFeed, codes: SignInCodes): Route[] => [
  eventsRoute(feed),
  {
    method: 'POST',
    path: '/providers/Postern.Authoring/signInCodes',
    apiVersions,
    permission: null,
    run: async (operation) => ({ body: await signInCode(operation, codes) }),
  },
];

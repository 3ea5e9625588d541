// Private Link Services as targets of private endpoints: any TCP service of the user's own.
import { randomUUID } from 'node:crypto';
import type { Attachable } from '../../store-directory.ts';
import type { TargetKind } from '../../target/target.ts';
import { networkVersions } from '../version.ts';
import { isListed } from './body.ts';
import { placesOf } from './place.ts';

/** The type of Private Link Services. */
export const privateLinkServiceType = 'Microsoft.Network/privateLinkServices';

/** What private endpoints need to know of Private Link Services. */
export const privateLinkServiceTarget = (attachable: Attachable): TargetKind => ({
  type: privateLinkServiceType,
  apiVersions: networkVersions,
  actionsField: 'actionsRequired',
  groupIds: [],
  whole: {
    places: ({ body, tags }) => placesOf(body, tags, attachable),
    autoApproves: ({ body }, subscriptionId) => isListed(body, 'autoApproval', subscriptionId),
  },
  hasConnectionEtag: true,
  isDisconnectPolled: true,
  connectionName: (_target, endpoint) => `${endpoint}.${randomUUID()}`,
  refuses: () => null,
  // It has no name that anybody could ask for in public.
  isPublic: () => false,
});

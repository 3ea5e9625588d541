// What makes a resource type a target of private endpoints. Everything that the sides of a connection share reads it
// from here; a new target is one value more.
import type { Resource } from '../../arm/resource-type.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Backend } from '../../network/policy/model.ts';

/** How many characters a requester may write to the owner of a target: Azure's own limit. */
export const longestRequestMessage = 140;

/** What a target without sub-resources says of itself. Whoever asks for an endpoint to it brings the host names that lead there. */
export type WholeTarget = {
  /** Each TCP port that it serves, and where that leads; null where the operator does not allow it. */
  places(target: Resource): Readonly<Record<number, Backend | null>>;
  /** Whether its owner has approved the private endpoints of a subscription beforehand. Managed ones are never. */
  autoApproves(target: Resource, subscriptionId: string): boolean;
};

/** One kind of target. Its sub-resources, names, zones and ports are those of `network/policy/zone.ts`. */
export type TargetKind = {
  /** Azure's spelling: `Microsoft.Storage/storageAccounts`. */
  type: string;
  apiVersions: readonly string[];
  /** How the wire spells what must still be done: storage in the singular. */
  actionsField: 'actionRequired' | 'actionsRequired';
  /** The sub-resources that the type lists and accepts, without the read-only copies of another region. */
  groupIds: readonly string[];
  /** For a type that has no sub-resources: endpoints lead to the whole, and name no group. */
  whole?: WholeTarget;
  /** Whether a connection shows its one sub-resource under a name of its own, beside the list. */
  showsGroupId?: boolean;
  /** Whether a connection shows an etag. */
  hasConnectionEtag?: boolean;
  /** Whether removing a connection answers with an operation to poll, as Azure does for this type. */
  isDisconnectPolled?: boolean;
  /** The name of a new connection. */
  connectionName(resourceName: string, endpointName: string): string;
  /** Why this resource cannot have private endpoints, or null. */
  refuses(body: JsonObject): string | null;
  /** Whether the resource's own firewall lets public networks in. */
  isPublic(body: JsonObject): boolean;
};

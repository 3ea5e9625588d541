// What makes a resource type a target of private endpoints. Everything that the sides of a connection share reads it
// from here; a new target is one value more.
import type { JsonObject } from '../../base/json.ts';

/** How many characters a requester may write to the owner of a target: Azure's own limit. */
export const longestRequestMessage = 140;

/** One kind of target. Its sub-resources, names, zones and ports are those of `network/policy/zone.ts`. */
export type TargetKind = {
  /** Azure's spelling: `Microsoft.Storage/storageAccounts`. */
  type: string;
  apiVersions: readonly string[];
  /** How the wire spells what must still be done: storage in the singular. */
  actionsField: 'actionRequired' | 'actionsRequired';
  /** The sub-resources that the type lists and accepts, without the read-only copies of another region. */
  groupIds: readonly string[];
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

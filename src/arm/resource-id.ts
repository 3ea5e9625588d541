/** A parsed ARM id. Segments keep the caller's case; compare with `key`. */
export type ResourceId = {
  /** As asked for, duplicate and trailing slashes gone. */
  path: string;
  /** `path` in lower case. */
  key: string;
  subscriptionId: string | null;
  resourceGroup: string | null;
  /** Provider namespace and type segments as asked for; null for subscriptions and resource groups. */
  namespace: string | null;
  types: readonly string[];
  names: readonly string[];
};

// How a network treats public names: what the resource says, or the default where nobody said anything.
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { EgressPolicy } from '../../network/policy/model.ts';

/** The type of the resource that sets a network's egress policy. */
export const egressPolicyType = 'Postern.Network/egressPolicies';

/** The policy of a network that has no policy resource: any public host by its name on TCP 443. */
export const defaultEgress: EgressPolicy = { mode: 'Https', audit: false, hosts: [] };

/** The policy that a stored body holds; the default where there is none. */
export const egressOf = (body: JsonObject | undefined): EgressPolicy => {
  if (!body) return defaultEgress;
  const { mode, audit, hosts } = isJsonObject(body.properties) ? body.properties : {};
  return {
    mode: mode as EgressPolicy['mode'],
    audit: audit === true,
    hosts: Array.isArray(hosts) ? hosts.map(String) : [],
  };
};

// `{server}/firewallRules`, alike for SQL servers and Synapse workspaces.
import { isIPv4 } from 'node:net';
import { Type } from 'typebox';
import type { Operation, Resource, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { readResource, writeResource } from '../../database/resource.ts';
import type { Publish } from '../publication.ts';
import type { TargetKind } from '../target/target.ts';
import { openRules } from './sql-server-target.ts';

const FirewallRule = Type.Object({
  properties: Type.Object({
    startIpAddress: Type.String({ maxLength: 15 }),
    endIpAddress: Type.String({ maxLength: 15 }),
  }),
});

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const rangeOf = (body: JsonObject): { start: string; end: string } => {
  const { startIpAddress, endIpAddress } = isJsonObject(body.properties) ? body.properties : {};
  return { start: String(startIpAddress), end: String(endIpAddress) };
};

const check = (body: JsonObject): void => {
  const { start, end } = rangeOf(body);
  for (const [field, address] of [
    ['startIpAddress', start],
    ['endIpAddress', end],
  ] as const)
    if (!isIPv4(address))
      throw new ServiceError(400, 'InvalidFirewallRuleAddress', `'${address}' is not an IPv4 address.`, {
        target: `properties.${field}`,
      });
  if (numberOf(start) > numberOf(end))
    throw new ServiceError(
      400,
      'InvalidFirewallRuleRange',
      `The range ends at '${end}', before it starts at '${start}'.`,
      {
        target: 'properties.endIpAddress',
      },
    );
};

/** Whether a rule lets workers in, which have no address that a narrower one could name. */
const opensToWorkers = (body: JsonObject): boolean => {
  const { start, end } = rangeOf(body);
  return start === '0.0.0.0' && (end === '0.0.0.0' || end === '255.255.255.255');
};

/** Notes in the server's own row which rules open it. */
const note = async (operation: Operation, name: string, isOpen: boolean, publish: Publish): Promise<void> => {
  const server = await readResource(operation.tx, operation.id.key.split('/').slice(0, -2).join('/'));
  if (!server) return;
  const known = Array.isArray(server.body[openRules]) ? server.body[openRules].map(String) : [];
  const others = known.filter((one) => one !== name.toLowerCase());
  const body = { ...server.body, [openRules]: isOpen ? [...others, name.toLowerCase()] : others };
  await writeResource(operation.tx, { ...server, body });
  operation.afterCommit(publish);
};

/** The firewall rules of one kind of server. */
export const firewallRuleType = (kind: TargetKind, publish: Publish): ResourceType => ({
  type: `${kind.type}/firewallRules`,
  scope: 'resourceGroup',
  apiVersions: kind.apiVersions,
  name: { pattern: /^[\w][\w .-]*$/, min: 1, max: 128, says: 'letters, digits, spaces, dots, hyphens and underscores' },
  tracked: false,
  schema: FirewallRule,
  etag: 'none',
  conditionalGet: false,
  status: { created: 201, updated: 200 },
  write: async (operation) => {
    check(operation.body);
    await note(operation, operation.id.names.at(-1)!, opensToWorkers(operation.body), publish);
    return operation.body;
  },
  remove: async (operation, existing: Resource, isAsked) => {
    if (isAsked) await note(operation, existing.name, false, publish);
  },
});

// Postern.Network/egressPolicies: one for a managed virtual network, `default`, which says what public hosts its workers
// may reach. The permission to set it is its own: whoever builds pipelines cannot open the network by that right. Whoever
// may read the network may read it.
import { isIP } from 'node:net';
import { Type } from 'typebox';
import { parseResourceId, type ResourceId, typeOfId } from '../../arm/resource-id.ts';
import type { Operation, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { recordEnd, recordStart } from '../../database/transition.ts';
import { canonicalHost, isPublicHost } from '../../network/policy/host-name.ts';
import { isStorageHost } from '../../network/policy/zone.ts';
import type { Publish } from '../publication.ts';
import { defaultEgress, egressOf, egressPolicyType } from './egress.ts';
import { posternVersions } from './version.ts';

const machine = { name: egressPolicyType };
const mostHosts = 1000;
const networkType = 'Microsoft.DataFactory/factories/managedVirtualNetworks';

const EgressPolicyBody = Type.Object({
  properties: Type.Object({
    mode: Type.Enum(['Https', 'AllowList', 'None', 'AnyPort']),
    audit: Type.Optional(Type.Boolean()),
    hosts: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 1024 }), { maxItems: mostHosts })),
  }),
});

const refuse = (target: string, message: string) => new ServiceError(400, 'InvalidEgressPolicy', message, { target });

/** The one spelling of a listed host, or a refusal that says why it cannot be listed. */
const listedHost = (written: string, index: number): string => {
  const field = `properties.hosts[${index}]`;
  const shown = JSON.stringify(written);
  if (written.includes('*'))
    throw refuse(field, `'${field}' is ${shown}: wildcards are not possible. List each host by its exact name.`);
  if (isIP(written.replace(/^\[|\]$/g, '')) !== 0)
    throw refuse(field, `'${field}' is ${shown}: access is decided by name, never by address. Write the host name.`);
  const host = canonicalHost(written);
  if (host === null)
    throw refuse(
      field,
      `'${field}' is ${shown}, which is not a host name. Write the name alone, as api.example.com: no scheme, port or path.`,
    );
  if (!isPublicHost(host))
    throw refuse(field, `'${field}' is ${shown}, which cannot be a public host. Write its full public name.`);
  if (isStorageHost(host))
    throw refuse(
      field,
      `'${field}' is ${shown}: storage and data lake hosts are reached by a managed private endpoint only, whatever an egress policy says. Request one, and leave the host out.`,
    );
  return host;
};

const scopeOf = (path: string): string => path.slice(0, path.toLowerCase().lastIndexOf('/providers/'));

const causeOf = ({ now, caller }: Operation, reason: string) => ({
  at: now,
  by: { objectId: caller.objectId, name: caller.name },
  reason,
});

const isNetwork = (scope: ResourceId): boolean => typeOfId(scope)?.toLowerCase() === networkType.toLowerCase();

/** What an extension's id stands on is a managed virtual network. */
const isOnNetwork = (path: string): boolean => {
  const scope = scopeOf(path);
  return scope.toLowerCase().startsWith('/subscriptions/') && isNetwork(parseResourceId(scope, 'path'));
};

/** Egress policies. A change is with every gateway, and what it no longer allows is cut, before it is answered. */
export const egressPolicy = (publish: Publish): ResourceType => ({
  type: egressPolicyType,
  scope: 'extension',
  apiVersions: posternVersions,
  name: { pattern: /^default$/i, min: 7, max: 7, says: "a network has one egress policy, called 'default'" },
  tracked: false,
  permission: (scope, verb) => (verb === 'read' && isNetwork(scope) ? networkType : egressPolicyType),
  schema: EgressPolicyBody,
  etag: 'etag',
  conditionalGet: true,
  status: { created: 201, updated: 200 },
  write: async (operation) => {
    if (!isOnNetwork(operation.id.path))
      throw new ServiceError(
        400,
        'InvalidScope',
        `An egress policy is set on a managed virtual network: PUT {factory}/managedVirtualNetworks/default/providers/${egressPolicyType}/default.`,
        { target: 'path' },
      );
    const { properties: asked, ...more } = operation.body;
    const properties: JsonObject = isJsonObject(asked) ? asked : {};
    const written = Array.isArray(properties.hosts) ? properties.hosts.map(String) : [];
    const hosts = [...new Set(written.map(listedHost))];
    if (hosts.length > 0 && properties.mode !== 'AllowList')
      throw refuse(
        'properties.hosts',
        `'properties.hosts' lists hosts, but the mode is ${String(properties.mode)}, which reads no list. Use the mode AllowList, or leave the hosts out.`,
      );
    const audit = properties.audit === true;
    const said = `${String(properties.mode)}${audit ? ', audit' : ''}${hosts.length > 0 ? `: ${hosts.join(', ')}` : ''}`;
    await recordStart(
      operation.tx,
      machine,
      scopeOf(operation.id.key),
      String(properties.mode),
      'SetEgress',
      causeOf(operation, said),
    );
    operation.afterCommit(publish);
    return { ...more, properties: { ...properties, audit, hosts } };
  },
  remove: async (operation, existing) => {
    const { mode } = egressOf(existing.body);
    await recordEnd(
      operation.tx,
      machine,
      existing.parentKey,
      mode,
      'RemoveEgress',
      causeOf(operation, `${defaultEgress.mode}, the default, holds again.`),
    );
    operation.afterCommit(publish);
  },
});

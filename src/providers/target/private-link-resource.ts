// `{target}/privateLinkResources`: the sub-resources that endpoints may ask for. One implementation for every target.
import { Type } from 'typebox';
import type { Resource, ResourceType } from '../../arm/resource-type.ts';
import type { JsonObject } from '../../base/json.ts';
import { zoneOf } from '../../network/policy/zone.ts';
import type { TargetKind } from './target.ts';

const show = (kind: TargetKind, target: Resource, groupId: string): JsonObject => ({
  id: `${target.id}/privateLinkResources/${groupId}`,
  name: groupId,
  type: `${kind.type}/privateLinkResources`,
  properties: {
    groupId,
    requiredMembers: [groupId],
    requiredZoneNames: [zoneOf(kind.type, groupId)?.privateSuffix ?? ''],
  },
});

/** The sub-resources of one kind of target, as a read-only resource type. */
export const privateLinkResourceType = (kind: TargetKind): ResourceType => ({
  type: `${kind.type}/privateLinkResources`,
  scope: 'resourceGroup',
  apiVersions: kind.apiVersions,
  name: { pattern: /^\w+$/, min: 1, max: 80, says: 'a sub-resource, as the list shows it' },
  tracked: false,
  schema: Type.Object({}),
  etag: 'none',
  conditionalGet: false,
  status: { created: 200, updated: 200 },
  writable: false,
  rows: {
    list: async (_operation, target) => kind.groupIds.map((groupId) => show(kind, target!, groupId)),
    get: async (_operation, target, name) => {
      const groupId = kind.groupIds.find((one) => one.toLowerCase() === name.toLowerCase());
      return groupId === undefined ? null : show(kind, target!, groupId);
    },
  },
});

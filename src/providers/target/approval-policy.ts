// Postern.Network/approvalPolicies: what the owner of a target has laid down about approving connections to it. Whoever
// may answer connections may set them, and nobody else: who builds pipelines cannot let itself in by a policy.
import { authorizationFailed } from '../../arm/authorization/access.ts';
import { idOfSegments, type ResourceId, typeOfId } from '../../arm/resource-id.ts';
import type { Operation, ResourceType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { listChildren } from '../../database/resource.ts';
import { recordEnd, recordStart } from '../../database/transition.ts';
import { posternVersions } from '../postern/version.ts';
import { ApprovalPolicyBody, approvalPolicyType, storedPolicy } from './approval-policy-body.ts';
import { causeOf } from './connection.ts';
import type { TargetKind } from './target.ts';

const machine = { name: approvalPolicyType };
const mostPolicies = 100;

const kindAt = (kinds: readonly TargetKind[], scope: ResourceId): TargetKind | undefined => {
  const type = typeOfId(scope)?.toLowerCase();
  return kinds.find((kind) => kind.type.toLowerCase() === type);
};

const targetOf = (id: ResourceId): ResourceId => idOfSegments(id.path.split('/').slice(1, -4));

const connectionsOf = (kind: TargetKind) => `${kind.type}/privateEndpointConnections`;

/** What a policy says, in one line for the trail. */
const saidOf = ({ who, groupIds, minimumApprovers, expiresAfter }: JsonObject): string => {
  const listed = Object.entries(isJsonObject(who) ? who : {}).flatMap(([kind, ids]) =>
    Array.isArray(ids) && ids.length > 0 ? [`${kind} ${ids.join(', ')}`] : [],
  );
  return [
    `groupIds: ${Array.isArray(groupIds) && groupIds.length > 0 ? groupIds.join(', ') : 'all'}`,
    ...(listed.length > 0 ? [`approved at once: ${listed.join('; ')}`] : []),
    ...(typeof minimumApprovers === 'number' ? [`minimumApprovers: ${minimumApprovers}`] : []),
    ...(typeof expiresAfter === 'string' ? [`expiresAfter: ${expiresAfter}`] : []),
  ].join('. ');
};

const requireRoom = async (operation: Operation, targetKey: string): Promise<void> => {
  const there = await listChildren(operation.tx, { type: approvalPolicyType, parentKey: targetKey });
  if (there.length < mostPolicies) return;
  throw new ServiceError(
    409,
    'TooManyApprovalPolicies',
    `A target has at most ${mostPolicies} approval policies. Delete one, or say more in one.`,
    { target: 'name' },
  );
};

/** Approval policies on the kinds of target that there are. They hold for answers and requests from then on; what is approved stays as it is. */
export const approvalPolicy = (kinds: readonly TargetKind[]): ResourceType => ({
  type: approvalPolicyType,
  scope: 'extension',
  apiVersions: posternVersions,
  permission: (scope) => {
    const kind = kindAt(kinds, scope);
    return kind ? connectionsOf(kind) : approvalPolicyType;
  },
  name: { pattern: /^[A-Za-z0-9][\w.-]*$/, min: 1, max: 80, says: 'letters, digits, dots, dashes and underscores' },
  tracked: false,
  schema: ApprovalPolicyBody,
  etag: 'etag',
  conditionalGet: true,
  status: { created: 201, updated: 200 },
  write: async (operation, existing) => {
    const target = targetOf(operation.id);
    const kind = kindAt(kinds, target);
    if (!kind)
      throw new ServiceError(
        400,
        'InvalidScope',
        `An approval policy is set on a target of private endpoints: PUT {target}/providers/${approvalPolicyType}/{name}. Targets: ${kinds.map(({ type }) => type).join(', ')}.`,
        { target: 'path' },
      );
    if (!existing) await requireRoom(operation, target.key);
    const { properties: asked, ...more } = operation.body;
    const properties = storedPolicy(isJsonObject(asked) ? asked : {}, kind);
    const name = operation.id.names.at(-1)!;
    const cause = { ...causeOf(operation, saidOf(properties)), policy: existing?.name ?? name };
    await recordStart(operation.tx, machine, target.key, 'Set', 'SetApprovalPolicy', cause);
    const { objectId, name: setter } = operation.caller;
    return { ...more, properties: { ...properties, setBy: { objectId, name: setter } } };
  },
  remove: async (operation, existing, isAsked) => {
    const target = targetOf(idOfSegments(existing.id.split('/').slice(1)));
    const permission = `${connectionsOf(kindAt(kinds, target)!)}/write`;
    // Without a policy less is asked of approvers: that is for who may approve, not for who may only disconnect.
    if (isAsked && !operation.may(permission, target.path))
      throw authorizationFailed(operation.caller, permission, target.path);
    const cause = { ...causeOf(operation, 'The policy no longer holds.'), policy: existing.name };
    await recordEnd(operation.tx, machine, existing.parentKey, 'Set', 'RemoveApprovalPolicy', cause);
  },
});

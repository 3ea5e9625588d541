// What an endpoint asks to be led to, looked up: one implementation for managed private endpoints and the owner's own.
import { parseResourceId, typeOfId } from '../../arm/resource-id.ts';
import type { Tx } from '../../database/database.ts';
import { type Resource, readResource } from '../../database/resource.ts';
import type { TargetKind } from './target.ts';

/** A target and one of its sub-resources, in Azure's spelling; '' for one that has none. */
export type FoundTarget = { kind: TargetKind; target: Resource; groupId: string };

/** Why there is no such target: which of the two words is wrong, and a way out. */
export type NoTarget = { refused: 'resource' | 'group'; reason: string };

/** Finds what `resourceId` and `groupId` name. `field` is named where `resourceId` is no id at all (`InvalidResourceId`). */
export const findTarget = async (
  tx: Tx,
  kinds: readonly TargetKind[],
  wish: { resourceId: string; groupId: string; field: string },
): Promise<FoundTarget | NoTarget> => {
  const id = parseResourceId(wish.resourceId, wish.field);
  const type = typeOfId(id) ?? '';
  const kind = kinds.find((one) => one.type.toLowerCase() === type.toLowerCase());
  if (!kind)
    return {
      refused: 'resource',
      reason: `'${type || id.path}' cannot be the target of a private endpoint. Targets: ${kinds.map((one) => one.type).join(', ')}.`,
    };
  const choice = `'${kind.type}' has: ${kind.groupIds.join(', ')}.`;
  if (wish.groupId === '' && !kind.whole) return { refused: 'group', reason: `groupId is required. ${choice}` };
  const groupId = ['', ...kind.groupIds].find((one) => one.toLowerCase() === wish.groupId.toLowerCase());
  if (groupId === undefined)
    return {
      refused: 'group',
      reason: kind.whole
        ? `groupId must be left out: '${kind.type}' has no sub-resources.`
        : `groupId '${wish.groupId}' is not supported. ${choice}`,
    };
  const target = await readResource(tx, id.key);
  if (target?.type !== kind.type)
    return {
      refused: 'resource',
      reason: `The target '${id.path}' does not exist. Create it first, or correct the id.`,
    };
  const why = kind.refuses(target.body);
  return why === null
    ? { kind, target, groupId }
    : { refused: 'resource', reason: `The target '${target.id}' cannot have private endpoints: ${why}` };
};

// Stores that run elsewhere and are attached by a tag, instead of having one of the sandbox started. One implementation
// for every target that allows it.
import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '../arm/resource-type.ts';
import { ServiceError } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import type { Backend } from '../network/policy/model.ts';
import { type Attachable, parseBackend } from './store-directory.ts';
import type { TargetKind } from './target/target.ts';

/** The tag that attaches a store, or says where a service is. */
export const backendTag = 'postern-backend';

type Tags = Readonly<Record<string, string>>;

/** What tags say of where the store of one kind of target is. */
export type Attachment = {
  /** Whether tags attach a store instead of having one started. */
  isAttached(tags: Tags): boolean;
  /** The backends that tags attach, or a refusal that names the tag, the rule and who can change it. */
  read(tags: Tags, attachable: Attachable): Record<string, Backend>;
  /** The same; a tag that was lawful once and is no longer attaches nothing. */
  stillRead(tags: Tags, attachable: Attachable, log: Log): Record<string, Backend>;
  /** Where a resource's data is does not change: tags that would move it are refused. */
  requireSame(existing: Resource, tags: Tags): void;
  /** Refuses what only whoever runs an attached store can do; `instead` says what to do. */
  requireOwn(resource: Resource, instead: string): void;
};

/** The attachment of `kind`: the tag alone means its sub-resource `first`, and `-<groupId>` behind it another. */
export const attachmentOf = (kind: TargetKind, first: string): Attachment => {
  const groupOf = (tag: string): string | null => {
    const name = tag.toLowerCase();
    if (name === backendTag) return first;
    if (!name.startsWith(`${backendTag}-`)) return null;
    const asked = name.slice(backendTag.length + 1);
    return kind.groupIds.find((groupId) => groupId.toLowerCase() === asked) ?? asked;
  };
  const attached = (tags: Tags) =>
    Object.entries(tags).flatMap(([tag, text]) => {
      const groupId = groupOf(tag);
      return groupId === null ? [] : [{ tag, groupId, text }];
    });
  const placesOf = (tags: Tags) => new Map(attached(tags).map(({ groupId, text }) => [groupId, text.trim()]));

  const read: Attachment['read'] = (tags, attachable) => {
    const backends: Record<string, Backend> = {};
    for (const { tag, groupId, text } of attached(tags)) {
      const refuse = (status: number, code: string, message: string) =>
        new ServiceError(status, code, message, { target: `tags.${tag}` });
      if (!kind.groupIds.includes(groupId))
        throw refuse(
          400,
          'InvalidTag',
          `The tag '${tag}' names no sub-resource. Sub-resources: ${kind.groupIds.join(', ')}.`,
        );
      const backend = parseBackend(text);
      if (!backend)
        throw refuse(
          400,
          'InvalidTag',
          `The tag '${tag}' is '${text}': write the address and port of the store, as 10.1.2.3:443 or [fd00::3]:443. Host names are not accepted.`,
        );
      if (!attachable.allows(backend.address))
        throw refuse(
          403,
          'AddressNotAttachable',
          `The address ${backend.address} of the tag '${tag}' is not in a range that this Postern lets stores be attached at. Its operator lists ranges with 'postern up --attachable 10.1.0.0/16'.`,
        );
      backends[groupId] = backend;
    }
    return backends;
  };
  const isAttached = (tags: Tags) => attached(tags).length > 0;

  return {
    isAttached,
    read,
    stillRead: (tags, attachable, log) => {
      try {
        return read(tags, attachable);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        log.warn({ code: error.code, target: error.target }, 'a store is not attached any more');
        return {};
      }
    },
    requireSame: (existing, tags) => {
      if (isDeepStrictEqual(placesOf(existing.tags), placesOf(tags))) return;
      throw new ServiceError(
        409,
        'Conflict',
        `The tags that attach a store are set when the account is created and stay as they are: the data of '${existing.name}' would be elsewhere. Send them unchanged, or delete the account and create it again.`,
        { target: 'tags' },
      );
    },
    requireOwn: (resource, instead) => {
      if (!isAttached(resource.tags)) return;
      throw new ServiceError(409, 'Conflict', `The store of '${resource.name}' was attached by a tag. ${instead}`, {
        target: resource.id,
      });
    },
  };
};

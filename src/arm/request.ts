import type { Access } from './authorization/access.ts';
import type { Conditions } from './precondition.ts';
import type { Operation, Registry, Reply } from './resource-type.ts';

/** A request that is authenticated, inside its transaction. */
export type ArmRequest = {
  method: string;
  segments: readonly string[];
  conditions: Conditions;
  access: Access;
  registry: Registry;
  subscriptionId: string;
  /** The operation, but for its id. */
  operation: Omit<Operation, 'id'>;
  /** Takes up the background work of a long-running operation once this request is committed. */
  background(operationId: string): void;
};

/**
 * What a request answers with: an Azure reply, its body JSON or nothing. `afterwards` is the whole answer instead, where it
 * is known only after the commit, outside the transaction.
 */
export type ArmReply = Reply & { status: number; afterwards?(gone: AbortSignal): Promise<ArmReply> };

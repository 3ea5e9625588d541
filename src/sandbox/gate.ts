// Who is let into stores by a token is the control plane's to say: their processes ask it anew for each request.
import type { TokenGate } from './sandbox.ts';

/** Asked for each request: what the bearer of a token may do in a store. `objectId` is null for a request without one. */
export type GateQuestion = { store: string; objectId: string | null };

/** `permissions` is null where there is no such principal; `authority` is where tokens come from. */
export type GateAnswer<Permission> = { authority: string; permissions: readonly Permission[] | null };

/** The gates of the stores of one kind, by name. */
export type Gates<Permission> = {
  set(store: string, gate: TokenGate<Permission>): void;
  delete(store: string): void;
  /** Rejects for a store without a gate. */
  answer(question: unknown): Promise<GateAnswer<Permission>>;
};

/** Without any yet. */
export const createGates = <Permission>(): Gates<Permission> => {
  const gates = new Map<string, TokenGate<Permission>>();
  return {
    set: (store, gate) => void gates.set(store, gate),
    delete: (store) => void gates.delete(store),
    answer: async (question) => {
      const { store, objectId } = question as GateQuestion;
      const gate = gates.get(store);
      if (!gate) throw new Error(`The store '${store}' is not one of ours.`);
      return {
        authority: gate.authority(),
        permissions: objectId === null ? null : await gate.permissionsOf(objectId),
      };
    },
  };
};

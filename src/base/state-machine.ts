// A state machine is one value. From it come the type of its states, the check before a move, and the rows of the
// table of allowed moves that the database holds every state column to.

/** A machine: the states something may start in, and for each event the moves it allows. */
export type StateMachine<State extends string, Event extends string> = {
  readonly name: string;
  readonly initial: readonly State[];
  readonly moves: { readonly [E in Event]: readonly (readonly [from: State, to: State])[] };
};

/** Names a machine; the types of its states and events are taken from the value. */
export const defineMachine = <State extends string, Event extends string>(
  machine: StateMachine<State, Event>,
): StateMachine<State, Event> => machine;

/** Where `event` leads from `state`, or undefined where the machine does not allow it. */
export const nextState = <State extends string, Event extends string>(
  machine: StateMachine<State, Event>,
  state: State,
  event: Event,
): State | undefined => machine.moves[event].find(([from]) => from === state)?.[1];

/** Every allowed (from, to) pair; `''` stands for "did not exist". The rows of the database's `allowed_move` table. */
export const allowedMoves = (machine: StateMachine<string, string>): { from: string; to: string }[] => {
  const pairs = new Map<string, { from: string; to: string }>();
  for (const to of machine.initial) pairs.set(`>${to}`, { from: '', to });
  for (const moves of Object.values(machine.moves))
    for (const [from, to] of moves) pairs.set(`${from}>${to}`, { from, to });
  return [...pairs.values()];
};

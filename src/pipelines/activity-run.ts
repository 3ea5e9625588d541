import { defineMachine } from '../base/state-machine.ts';

/** States of an activity run, spelled as Azure spells them. `Queued`: it waits for a worker. */
export type ActivityRunState = 'Queued' | 'InProgress' | 'Succeeded' | 'Failed' | 'Cancelled' | 'TimedOut' | 'Skipped';

export type ActivityRunEvent = 'Start' | 'Succeed' | 'Fail' | 'TimeOut' | 'Cancel';

/**
 * The life of one attempt of one activity; the rows of `activity_run` are held to it. What waits for nobody starts `InProgress`; what is skipped or inactive is
 * written in its final state at once.
 */
export const activityRunMachine = defineMachine<ActivityRunState, ActivityRunEvent>({
  name: 'activity_run',
  initial: ['Queued', 'InProgress', 'Skipped', 'Succeeded', 'Failed'],
  moves: {
    Start: [['Queued', 'InProgress']],
    Succeed: [['InProgress', 'Succeeded']],
    Fail: [
      ['Queued', 'Failed'],
      ['InProgress', 'Failed'],
    ],
    TimeOut: [
      ['Queued', 'TimedOut'],
      ['InProgress', 'TimedOut'],
    ],
    Cancel: [
      ['Queued', 'Cancelled'],
      ['InProgress', 'Cancelled'],
    ],
  },
});

/** The states that an attempt does not leave. */
export const finalActivityStates: readonly ActivityRunState[] = [
  'Succeeded',
  'Failed',
  'Cancelled',
  'TimedOut',
  'Skipped',
];

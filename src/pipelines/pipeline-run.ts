import { defineMachine } from '../base/state-machine.ts';

/** States of a pipeline run, spelled as Azure spells them. */
export type PipelineRunState = 'Queued' | 'InProgress' | 'Succeeded' | 'Failed' | 'Canceling' | 'Cancelled';

export type PipelineRunEvent = 'Start' | 'Succeed' | 'Fail' | 'RequestCancel' | 'Cancel';

/** The life of a pipeline run; the rows of `pipeline_run` are held to it. */
export const pipelineRunMachine = defineMachine<PipelineRunState, PipelineRunEvent>({
  name: 'pipeline_run',
  initial: ['Queued'],
  moves: {
    Start: [['Queued', 'InProgress']],
    Succeed: [['InProgress', 'Succeeded']],
    Fail: [
      ['Queued', 'Failed'],
      ['InProgress', 'Failed'],
    ],
    RequestCancel: [
      ['Queued', 'Canceling'],
      ['InProgress', 'Canceling'],
    ],
    Cancel: [['Canceling', 'Cancelled']],
  },
});

/** The states that a run does not leave. */
export const finalRunStates: readonly PipelineRunState[] = ['Succeeded', 'Failed', 'Cancelled'];

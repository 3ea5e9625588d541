// Why a job could not reach something: the gateway's record of its flows, put where a person will read it. A worker
// only ever sees a reset connection; the reason is the policy's.
import type { ActivityFailure, FailureDetail } from '../base/error.ts';
import { compileSnapshot } from '../network/policy/compiled-snapshot.ts';
import { decide } from '../network/policy/decide.ts';
import type { FlowRecord, Snapshot } from '../network/policy/model.ts';

const maxDetails = 20;

const detail = (flow: FlowRecord): FailureDetail => ({
  code: flow.code,
  message: flow.message,
  remedy: flow.remedy,
  host: flow.host ?? flow.address,
  ...(flow.endpoint !== null && { endpoint: flow.endpoint }),
});

/** The refusals among these flows, what was cut first, then the newest first, each once. */
const refusals = (flows: readonly FlowRecord[], snapshot: Snapshot): FailureDetail[] => {
  const cut = flows
    .filter((flow) => flow.end === 'cut')
    .flatMap((flow) => {
      if (!flow.code.startsWith('Allowed')) return [detail(flow)];
      // It was allowed when it began: what is said of it now is why it was cut.
      const verdict = decide(compileSnapshot(snapshot), flow);
      return verdict.allow
        ? []
        : [
            detail({
              ...flow,
              code: verdict.code,
              message: verdict.message,
              remedy: verdict.remedy,
              endpoint: verdict.endpoint,
            }),
          ];
    });
  const denied = flows.filter((flow) => flow.verdict === 'denied').map(detail);
  const distinct = new Map<string, FailureDetail>();
  for (const each of [...cut, ...denied]) {
    const key = JSON.stringify([each.code, each.host, each.endpoint]);
    if (!distinct.has(key)) distinct.set(key, each);
  }
  return [...distinct.values()].slice(0, maxDetails);
};

/**
 * The failure with each distinct refusal in its `details`, and the first one's message before its own. The error code
 * stays what the connector gave. `flows` are newest first.
 */
export const explainFailure = (
  failure: ActivityFailure,
  flows: readonly FlowRecord[],
  snapshot: Snapshot,
): ActivityFailure => {
  const found = refusals(flows, snapshot);
  const [first] = found;
  if (!first) return failure;
  const message = failure.message.startsWith(first.message) ? failure.message : `${first.message} ${failure.message}`;
  return { ...failure, failureType: 'UserError', message, details: [...found, ...failure.details] };
};

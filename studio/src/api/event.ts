// What changed, as the server tells it, and which questions it makes stale.

/** A change as the server's event stream tells it. */
export type Change =
  | { kind: 'resource'; id: string; action: 'written' | 'deleted' }
  | { kind: 'run'; id: string; status: string }
  | { kind: 'activity'; id: string; activityRunId: string; status: string }
  | { kind: 'flow'; network: string; count: number };

/** Reads the data of a `change` event; null for what is none. */
export const readChange = (data: string): Change | null => {
  try {
    const found = JSON.parse(data) as Change;
    return typeof found.kind === 'string' ? found : null;
  } catch {
    return null;
  }
};

// Both sides of a connection, what may be reached by it and who decided change together.
const aboutConnections =
  /\/(privateendpointconnections|managedprivateendpoints)|\/providers\/postern\.network\/(reachability|decisions|explain|egresspolicies)/;
const changesConnections =
  /\/(privateendpointconnections|managedprivateendpoints|privateendpoints|egresspolicies|integrationruntimes)(\/|$)/;

const pathOf = (question: string) => question.split('?')[0]!;

/** `/subscriptions/s/resources`, `/subscriptions/s/providers/P/t`: lists over all groups. */
const isWideList = (path: string) =>
  path.split('/').length <= 6 &&
  (path.endsWith('/resources') || path.includes('/providers/')) &&
  !path.includes('/resourcegroups/');

const isAbout = (path: string, id: string) =>
  path === id || id.startsWith(`${path}/`) || path.startsWith(`${id}/`) || isWideList(path);

/** Whether the answer to a question (its key's path, in lower case) may be another after a change. */
export const isTouched = (question: string, change: Change): boolean => {
  const path = pathOf(question);
  switch (change.kind) {
    case 'resource': {
      const id = change.id.toLowerCase();
      return isAbout(path, id) || (changesConnections.test(id) && aboutConnections.test(path));
    }
    case 'run':
    case 'activity':
      return path.includes('pipelineruns');
    case 'flow':
      return path.includes('/providers/postern.network/flows');
  }
};

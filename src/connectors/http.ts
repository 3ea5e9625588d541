// What the clients of stores over HTTP are given, so that no store holds up a run for ever. Those of blobs, Data Lake and files have
// `transport/` instead, by the same rule.
import { Agent, type AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import { patience } from './patience.ts';

/** Connections that end when nothing goes over them for too long. */
class BoundedAgent extends Agent {
  override createConnection(...given: Parameters<Agent['createConnection']>): ReturnType<Agent['createConnection']> {
    const socket = super.createConnection(...given) as Socket;
    // The agent's own `timeout` is the clock, which every request of a connection starts anew; this is what it ends.
    socket.on('timeout', () => {
      const message = `The store was silent for ${patience.silentMs / 1000} seconds.`;
      socket.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
    });
    return socket;
  }

  /** An idle connection has the clock that its server asked for; a request on it may wait as long as any other. */
  override reuseSocket(...[socket, request]: Parameters<Agent['reuseSocket']>): void {
    super.reuseSocket(socket, request);
    (socket as Socket).setTimeout(patience.silentMs);
  }
}

/** The code of a failure on the way: the client has an odd one for an answer whose text breaks off. */
export const wayCode = (code: string | undefined): string | undefined =>
  code === 'PARSE_ERROR' ? 'ConnectionEnded' : code;

let shared: Agent | undefined;

/** The connections of all clients in this process. */
export const boundedAgent = (): Agent => {
  const options: AgentOptions = { keepAlive: true, timeout: patience.silentMs };
  shared ??= new BoundedAgent(options);
  return shared;
};

type Request = { headers: { delete(name: string): void } };

/**
 * Options of a client whose answers are texts. It must not ask for compressed ones: where such an answer breaks off, the
 * client waits for its rest for ever.
 */
export const textOptions = () => ({
  agent: boundedAgent(),
  additionalPolicies: [
    {
      position: 'perRetry' as const,
      policy: {
        name: 'uncompressed',
        sendRequest: <Sent extends Request, Answer>(request: Sent, next: (request: Sent) => Answer): Answer => {
          request.headers.delete('Accept-Encoding');
          return next(request);
        },
      },
    },
  ],
});

import type { IncomingMessage, Server, ServerResponse } from 'node:http';

type Finish = (error?: Error | null) => void;

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Holds every answer to a request that may have changed something until `saved` resolves. Where it rejects, the
 * connection is closed without an answer, so that nothing is acknowledged that could be lost, and `onFailure` is told.
 */
export const answerWhenSaved = (
  server: Server,
  saved: () => Promise<void>,
  onFailure: (error: unknown) => void,
): void => {
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!reads.has(request.method ?? '')) hold(response, saved, onFailure);
    for (const listener of listeners) listener.call(server, request, response);
  });
};

// Answers to writes are small (headers, or the result of a batch), so they are kept whole.
const hold = (response: ServerResponse, saved: () => Promise<void>, onFailure: (error: unknown) => void): void => {
  const end = response.end.bind(response);
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk === 'string')
      chunks.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const callbackOf = (args: unknown[]): Finish | undefined => args.find((one) => typeof one === 'function') as Finish;

  response.write = ((...args: unknown[]) => {
    keep(args[0], args[1]);
    const done = callbackOf(args);
    if (done) process.nextTick(done);
    return true;
  }) as typeof response.write;
  response.end = ((...args: unknown[]) => {
    keep(args[0], args[1]);
    saved().then(
      () => (chunks.length > 0 ? end(Buffer.concat(chunks), callbackOf(args)) : end(callbackOf(args))),
      (error) => {
        onFailure(error);
        response.destroy();
      },
    );
    return response;
  }) as typeof response.end;
};

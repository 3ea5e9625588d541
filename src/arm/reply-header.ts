import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const sane = (value: string | string[] | undefined) =>
  typeof value === 'string' && /^[\w.{}-]{1,128}$/.test(value) ? value : undefined;

/** A browser would take it for all ports of this machine, plain ones too. */
const isLocal = (host: string | undefined) => /^localhost(:\d+)?$/i.test(host ?? '');

/** The headers that every ARM reply carries. */
export const replyHeaders = (asked: IncomingHttpHeaders, method: string): Record<string, string> => {
  const requestId = randomUUID();
  const correlationId = sane(asked['x-ms-correlation-request-id']) ?? requestId;
  const clientRequestId = sane(asked['x-ms-client-request-id']);
  const kind = method === 'GET' || method === 'HEAD' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes';
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    ...(!isLocal(asked.host) && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': correlationId,
    'x-ms-routing-request-id': `POSTERN:${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}:${requestId}`,
    [`x-ms-ratelimit-remaining-subscription-${kind}`]: '11999',
    ...(clientRequestId &&
      asked['x-ms-return-client-request-id'] === 'true' && { 'x-ms-client-request-id': clientRequestId }),
  };
};

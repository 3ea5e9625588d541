// Whether a browser's request comes from the Studio's own page. What no browser sent has neither header and passes: it
// holds no cookie that it was not given.
import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from '../../base/error.ts';

/** Refuses (403 `CrossSiteRequest`) what another site's page sent. `origin` is ours. */
export const requireSameOrigin = (headers: IncomingHttpHeaders, origin: string): void => {
  const site = headers['sec-fetch-site'];
  const isOurs =
    (headers.origin === undefined || headers.origin === origin) && (site === undefined || site === 'same-origin');
  if (!isOurs)
    throw new ServiceError(
      403,
      'CrossSiteRequest',
      `The request was sent by a page that is not the Studio of ${origin}. Open ${origin}/studio/ itself.`,
      { target: headers.origin !== undefined && headers.origin !== origin ? 'origin' : 'sec-fetch-site' },
    );
};

// What is shown where an address leads nowhere, or a page itself failed.
import { Button } from '@fluentui/react-components';
import { isRouteErrorResponse, Link, useRouteError } from 'react-router';
import { ErrorCard } from '../component/error-card.tsx';
import { Page } from '../component/page.tsx';

/** An error of a page. The navigation stays. */
export const FailedPage = () => {
  const error = useRouteError();
  const isNowhere = isRouteErrorResponse(error) && error.status === 404;
  if (isNowhere)
    return (
      <Page title="There is no such page">
        <p>
          The address leads nowhere. <Link to="/">Go home</Link>, or choose from the navigation.
        </p>
      </Page>
    );
  return (
    <Page title="This page failed">
      <ErrorCard error={error}>
        <Button appearance="primary" onClick={() => location.reload()}>
          Load it again
        </Button>
      </ErrorCard>
    </Page>
  );
};

/** Where no route is. */
export const NowherePage = () => {
  throw new Response('', { status: 404 });
};

// What is shown where an address leads nowhere, or a page itself failed.
import { Button } from '@fluentui/react-components';
import { Link, useRouteError } from 'react-router';
import { ErrorCard } from '../component/error-card.tsx';
import { Page } from '../component/page.tsx';

/** A page that failed. The navigation stays. */
export const FailedPage = () => (
  <Page title="This page failed">
    <ErrorCard error={useRouteError()}>
      <Button appearance="primary" onClick={() => location.reload()}>
        Load it again
      </Button>
    </ErrorCard>
  </Page>
);

/** Where no route is. */
export const NowherePage = () => (
  <Page title="There is no such page">
    <p>
      The address leads nowhere. <Link to="/">Go home</Link>, or choose from the navigation.
    </p>
  </Page>
);

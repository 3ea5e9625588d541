// The whole application: styles that the page's policy lets in, theme, session, questions, events, routes.
import { createDOMRenderer, FluentProvider, RendererProvider } from '@fluentui/react-components';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { ApiError } from '../api/error.ts';
import { sessionStore } from '../api/session.ts';
import { Live } from './live.tsx';
import { routes } from './route.tsx';
import { SignInDialog, SignInPage } from './sign-in.tsx';
import { useTheme } from './theme.ts';
import { ThemeContext } from './theme-context.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
const renderer = createDOMRenderer(document, nonce === '' ? {} : { styleElementAttributes: { nonce } });

const isWorthAgain = (count: number, error: unknown) =>
  count < 2 && error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);

const queries = new QueryClient({
  defaultOptions: { queries: { retry: isWorthAgain, staleTime: 5000, refetchOnWindowFocus: true } },
});

const router = createBrowserRouter(routes, { basename: '/studio' });

/** `failure` is why the link that opened the page did not sign anybody in, or null. */
export const Application = ({ failure }: { failure: unknown }) => {
  const theme = useTheme();
  const session = useSyncExternalStore(sessionStore.subscribe, sessionStore.read);
  const person = session.who?.objectId;
  const before = useRef(person);
  useEffect(() => {
    // Somebody else signed in over the page: what they may not see is forgotten, what they may is asked again.
    if (before.current !== undefined && before.current !== person) void queries.resetQueries();
    before.current = person;
  }, [person]);
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={theme.theme}>
        <ThemeContext value={theme}>
          {session.who === null ? (
            <SignInPage failure={failure} />
          ) : (
            <QueryClientProvider client={queries}>
              <Live subscriptionId={session.who.subscriptionId} isPaused={session.state === 'lapsed'}>
                <RouterProvider router={router} />
              </Live>
              {session.state === 'lapsed' && <SignInDialog name={session.who.name} />}
            </QueryClientProvider>
          )}
        </ThemeContext>
      </FluentProvider>
    </RendererProvider>
  );
};

// What stands round every page: the bar, the navigation, and the place of the page.
import { Button, Spinner } from '@fluentui/react-components';
import { Navigation20Regular } from '@fluentui/react-icons/svg/navigation';
import { SignOut20Regular } from '@fluentui/react-icons/svg/sign-out';
import { WeatherMoon20Regular } from '@fluentui/react-icons/svg/weather-moon';
import { WeatherSunny20Regular } from '@fluentui/react-icons/svg/weather-sunny';
import { Suspense, useEffect, useRef, useState } from 'react';
import { Link, Outlet, useLocation, useMatch, useNavigation } from 'react-router';
import { signOut } from '../api/session.ts';
import { Hint } from '../component/hint.tsx';
import { Mark } from '../component/mark.tsx';
import { lastFactory } from './factory.ts';
import { useLiveness } from './live.tsx';
import { Navigation } from './navigation.tsx';
import styles from './shell.module.css';
import { useThemeChoice } from './theme-context.ts';
import { useWho } from './who.ts';

const liveWords = {
  starting: ['Connecting', 'Changes will show by themselves in a moment.'],
  live: ['Live', 'What changes shows by itself.'],
  polling: ['Polling', 'The stream of events is interrupted. Everything is asked again every 4 seconds.'],
} as const;

const LiveSign = () => {
  const liveness = useLiveness();
  const [word, says] = liveWords[liveness];
  return (
    <Hint says={says}>
      <span className={`${styles.sign} ${styles[liveness]}`} role="status">
        {word}
      </span>
    </Hint>
  );
};

const Bar = ({ isOpen, onToggle }: { isOpen: boolean; onToggle(): void }) => {
  const { isDark, toggle } = useThemeChoice();
  const { name } = useWho();
  return (
    <header className={styles.bar}>
      <Button
        className={styles.toggle ?? ''}
        appearance="transparent"
        icon={<Navigation20Regular />}
        aria-label="Navigation"
        aria-expanded={isOpen}
        aria-controls="navigation"
        onClick={onToggle}
      />
      <Link to="/" className={styles.brand}>
        <Mark />
        Postern
      </Link>
      <span className={styles.space} />
      <LiveSign />
      <span className={styles.who} title="Signed in as">
        {name}
      </span>
      <Button
        appearance="transparent"
        icon={isDark ? <WeatherSunny20Regular /> : <WeatherMoon20Regular />}
        aria-label={isDark ? 'Light colours' : 'Dark colours'}
        onClick={toggle}
      />
      <Button
        appearance="transparent"
        icon={<SignOut20Regular />}
        aria-label="Sign out"
        onClick={() => void signOut()}
      />
    </header>
  );
};

/** A new page begins at its top, and screen readers begin there too. */
const useArrival = () => {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
};

/** The shell. */
export const Shell = () => {
  const [isOpen, setOpen] = useState(false);
  const main = useArrival();
  const open = useMatch('/factories/:group/:factory/*')?.params;
  const isLoading = useNavigation().state === 'loading';
  useEffect(() => {
    if (open?.group && open.factory) lastFactory.keep(open.group, open.factory);
  }, [open?.group, open?.factory]);
  return (
    <div className={styles.shell}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        To the page
      </button>
      <Bar isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
      <div id="navigation" className={`${styles.side} ${isOpen ? styles.open : ''}`}>
        <Navigation onGo={() => setOpen(false)} />
      </div>
      {isOpen && (
        <button
          type="button"
          className={styles.shade}
          aria-label="Close the navigation"
          onClick={() => setOpen(false)}
        />
      )}
      <main id="page" className={styles.main} ref={main} tabIndex={-1}>
        {isLoading && <div className={styles.loading} role="progressbar" aria-label="Loading the page" />}
        <Suspense fallback={<Spinner label="Loading" />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
};

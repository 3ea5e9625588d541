import { createRoot } from 'react-dom/client';
import { noSession, resumeSession } from './api/session.ts';
import { Application } from './app/application.tsx';
import { watchForMissingFiles } from './app/load-again.ts';
import './app/global.css';

/** The code of a sign-in link, which is taken out of the address so that it is in no history and no screenshot. */
const takeCode = (): string | null => {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code !== null) history.replaceState(null, '', location.pathname + location.search);
  return code;
};

watchForMissingFiles();
const failure = await resumeSession(takeCode()).then(
  () => null,
  (error: unknown) => {
    noSession();
    return error;
  },
);
createRoot(document.getElementById('root')!).render(<Application failure={failure} />);

// Signing in: as the first page, and over a page whose session has lapsed.
import { Button, Field, Input } from '@fluentui/react-components';
import { type FormEvent, useEffect, useState } from 'react';
import { lookForSession, signIn } from '../api/session.ts';
import { ErrorCard } from '../component/error-card.tsx';
import { Modal } from '../component/modal.tsx';
import styles from './sign-in.module.css';

/** The code in a link, or the code itself. */
const codeIn = (text: string): string => /[#&?]code=([^&\s]+)/.exec(text)?.[1] ?? text.trim();

const SignInForm = ({ failure }: { failure?: unknown }) => {
  const [clientId, setClientId] = useState('');
  const [clientSecret, setClientSecret] = useState('');
  const [link, setLink] = useState('');
  const [error, setError] = useState<unknown>(failure ?? null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(link === '' ? { clientId: clientId.trim(), clientSecret } : { code: codeIn(link) });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <Field label="Sign-in link" hint="From: npx postern studio">
        <Input value={link} onChange={(_, { value }) => setLink(value)} autoComplete="off" />
      </Field>
      <p className={styles.or}>or, as a principal</p>
      <Field label="Client id">
        <Input value={clientId} onChange={(_, { value }) => setClientId(value)} autoComplete="username" />
      </Field>
      <Field label="Client secret">
        <Input
          type="password"
          value={clientSecret}
          onChange={(_, { value }) => setClientSecret(value)}
          autoComplete="current-password"
        />
      </Field>
      {error !== null && <ErrorCard error={error} />}
      <Button
        type="submit"
        appearance="primary"
        disabled={isBusy || (link === '' && (clientId === '' || clientSecret === ''))}
      >
        {isBusy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  );
};

/** The first page of a stranger. */
export const SignInPage = ({ failure }: { failure: unknown }) => (
  <main className={styles.page}>
    <div className={styles.box}>
      <h1 className={styles.title}>Postern Studio</h1>
      <p>
        The quickest way in is a link. Run <code>npx postern studio</code> on the machine of Postern, and open what it
        prints. A link works once. Whoever administers Postern can give you one, or a principal’s client id and secret.
      </p>
      <SignInForm failure={failure} />
    </div>
  </main>
);

/** Over the page: what was typed below stays, and what was asked goes on after signing in. */
export const SignInDialog = ({ name }: { name: string }) => {
  useEffect(() => {
    // A link that was opened in another window signs this one in too.
    const look = () => void lookForSession();
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, []);
  return (
    <Modal title="Your session has ended">
      <div className={styles.content}>
        <p>Sign in again as {name}. Nothing that you typed is lost, and what you asked for goes on.</p>
        <SignInForm />
      </div>
    </Modal>
  );
};

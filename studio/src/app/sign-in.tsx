// Signing in: as the first page, and over a page whose session has lapsed.
import { Button, Field, Input } from '@fluentui/react-components';
import { type FormEvent, useState } from 'react';
import { signIn } from '../api/session.ts';
import { ErrorCard } from '../component/error-card.tsx';
import { Modal } from '../component/modal.tsx';
import styles from './sign-in.module.css';

const SignInForm = ({ failure }: { failure?: unknown }) => {
  const [clientId, setClientId] = useState('');
  const [clientSecret, setClientSecret] = useState('');
  const [error, setError] = useState<unknown>(failure ?? null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn({ clientId: clientId.trim(), clientSecret });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <Field label="Client id" required>
        <Input value={clientId} onChange={(_, { value }) => setClientId(value)} autoComplete="username" />
      </Field>
      <Field label="Client secret" required>
        <Input
          type="password"
          value={clientSecret}
          onChange={(_, { value }) => setClientSecret(value)}
          autoComplete="current-password"
        />
      </Field>
      {error !== null && <ErrorCard error={error} />}
      <Button type="submit" appearance="primary" disabled={isBusy || clientId === '' || clientSecret === ''}>
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
        prints. A link works once.
      </p>
      <p>Or sign in as a principal. Whoever administers Postern gives you its client id and secret.</p>
      <SignInForm failure={failure} />
    </div>
  </main>
);

/** Over the page: what was typed below stays, and what was asked goes on after signing in. */
export const SignInDialog = ({ name }: { name: string }) => (
  <Modal title="Your session has ended">
    <div className={styles.content}>
      <p>Sign in again as {name}. Nothing that you typed is lost, and what you asked for goes on.</p>
      <SignInForm />
    </div>
  </Modal>
);

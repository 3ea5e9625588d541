// A form over the page: fields, one button that does it, and the server's refusal in place with nothing lost.
import { Button } from '@fluentui/react-components';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ErrorCard } from './error-card.tsx';
import styles from './form-dialog.module.css';
import { Modal, ModalActions } from './modal.tsx';

/** `onSubmit` does it; where it throws, what it threw is shown and the form stays as it is. */
export const FormDialog = ({
  title,
  submit,
  isDanger = false,
  isReady = true,
  onSubmit,
  onClose,
  onDone = onClose,
  children,
}: {
  title: string;
  submit: string;
  isDanger?: boolean;
  isReady?: boolean;
  onSubmit(): Promise<unknown>;
  onClose(): void;
  /** After it was done; closes the form unless told otherwise. */
  onDone?(): void;
  children: ReactNode;
}) => {
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy || !isReady) return;
    setBusy(true);
    setError(null);
    try {
      await onSubmit();
      onDone();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <Modal title={title} onClose={onClose}>
      <form onSubmit={(event) => void run(event)} noValidate>
        <div className={styles.content}>
          {children}
          {error !== null && <ErrorCard error={error} />}
        </div>
        <ModalActions>
          <Button appearance="secondary" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            appearance="primary"
            className={isDanger ? (styles.danger ?? '') : ''}
            disabled={!isReady || isBusy}
          >
            {isBusy ? 'Working…' : submit}
          </Button>
        </ModalActions>
      </form>
    </Modal>
  );
};

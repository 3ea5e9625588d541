// A form over the page: fields, one button that does it, and the server's refusal in place with nothing lost.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ErrorCard } from './error-card.tsx';
import styles from './form-dialog.module.css';

/** `onSubmit` does it; where it throws, what it threw is shown and the form stays as it is. */
export const FormDialog = ({
  title,
  submit,
  isDanger = false,
  isReady = true,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  submit: string;
  isDanger?: boolean;
  isReady?: boolean;
  onSubmit(): Promise<unknown>;
  onClose(): void;
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
      onClose();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface className={styles.surface ?? ''}>
        <form onSubmit={(event) => void run(event)} noValidate>
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className={styles.content ?? ''}>
              {children}
              {error !== null && <ErrorCard error={error} />}
            </DialogContent>
            <DialogActions>
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
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
};

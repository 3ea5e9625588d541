// What opens over the page. The browser's own dialog: it keeps the focus, makes the rest inert and gives both back.
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import styles from './modal.module.css';

/** A dialog that is open as long as it is there. Without `onClose` it does not close by itself. */
export const Modal = ({ title, onClose, children }: { title: string; onClose?: () => void; children: ReactNode }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.modal}
      aria-labelledby={id}
      onCancel={(event) => {
        // A control inside, as a file chooser, may be what is cancelled.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose?.();
      }}
    >
      <h2 id={id} className={styles.title}>
        {title}
      </h2>
      {children}
    </dialog>
  );
};

/** The buttons of a dialog. */
export const ModalActions = ({ children }: { children: ReactNode }) => <div className={styles.actions}>{children}</div>;

// A word about a control, on hover and focus, and for screen readers.
import { cloneElement, type ReactElement, useId } from 'react';
import styles from './hint.module.css';

/** Puts `says` beside its one child. */
export const Hint = ({ says, children }: { says: string; children: ReactElement<{ 'aria-describedby'?: string }> }) => {
  const id = useId();
  return (
    <span className={styles.place}>
      {cloneElement(children, { 'aria-describedby': id })}
      <span id={id} role="tooltip" className={styles.hint}>
        {says}
      </span>
    </span>
  );
};

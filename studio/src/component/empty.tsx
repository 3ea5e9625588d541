import type { ReactNode } from 'react';
import styles from './empty.module.css';

/** What stands where nothing is yet: what it would be, and the next step. */
export const Empty = ({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) => (
  <div className={styles.empty}>
    <h2 className={styles.title}>{title}</h2>
    <p className={styles.text}>{children}</p>
    {action && <div className={styles.action}>{action}</div>}
  </div>
);

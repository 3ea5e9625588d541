import { Button } from '@fluentui/react-components';
import { Dismiss20Regular } from '@fluentui/react-icons/svg/dismiss';
import type { ReactNode } from 'react';
import styles from './split.module.css';

/** A list and, where one is chosen, what it is, beside it; below each other where the screen is narrow. */
export const Split = ({ children, detail }: { children: ReactNode; detail: ReactNode }) => (
  <div className={`${styles.split} ${detail ? styles.open : ''}`}>
    <div className={styles.list}>{children}</div>
    {detail}
  </div>
);

/** What stands in the detail: a heading, a way to close it, and the content. */
export const Detail = ({ title, onClose, children }: { title: string; onClose(): void; children: ReactNode }) => (
  <aside className={styles.detail} aria-label={title}>
    <div className={styles.head}>
      <h2 className={styles.title}>{title}</h2>
      <Button appearance="subtle" icon={<Dismiss20Regular />} aria-label="Close the details" onClick={onClose} />
    </div>
    {children}
  </aside>
);

import { Button } from '@fluentui/react-components';
import { Dismiss20Regular } from '@fluentui/react-icons/svg/dismiss';
import { type ReactNode, useEffect, useRef } from 'react';
import { withBreaks } from './exact.tsx';
import styles from './split.module.css';

/** A list and, where one is chosen, what it is, beside it; below each other where the screen is narrow. */
export const Split = ({ children, detail }: { children: ReactNode; detail: ReactNode }) => (
  <div className={`${styles.split} ${detail ? styles.open : ''}`}>
    <div className={styles.list}>{children}</div>
    {detail}
  </div>
);

/** As in split.module.css. */
const hasRoom = '(min-width: 1200px)';

/** What stands in the detail: a heading, a way to close it, and the content. */
export const Detail = ({ title, onClose, children }: { title: string; onClose(): void; children: ReactNode }) => {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    // Where there is no room beside the list it stands above it, maybe out of sight of who chose a row.
    if (title !== '' && !window.matchMedia(hasRoom).matches) place.current?.scrollIntoView({ block: 'start' });
  }, [title]);
  return (
    <aside className={styles.detail} aria-label={title} ref={place}>
      <div className={styles.head}>
        <h2 className={styles.title}>{withBreaks(title)}</h2>
        <Button appearance="subtle" icon={<Dismiss20Regular />} aria-label="Close the details" onClick={onClose} />
      </div>
      {children}
    </aside>
  );
};

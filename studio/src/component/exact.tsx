// Names and ids as they are: in one width, to be copied.
import { Button } from '@fluentui/react-components';
import { Checkmark16Regular } from '@fluentui/react-icons/svg/checkmark';
import { Copy16Regular } from '@fluentui/react-icons/svg/copy';
import { useState } from 'react';
import { shortIds } from '../../../src/base/show.ts';
import styles from './exact.module.css';

/** A name, id or code. */
export const Exact = ({ children, isWhole = false }: { children: string; isWhole?: boolean }) => (
  <code className={isWhole ? styles.whole : styles.exact} title={children}>
    {children}
  </code>
);

/** An id with a button that copies it. */
export const CopyId = ({ id, what = 'id' }: { id: string; what?: string }) => {
  const [isDone, setDone] = useState(false);
  return (
    <span className={styles.copy}>
      <code className={styles.whole} title={id}>
        {shortIds(id)}
      </code>
      <Button
        appearance="subtle"
        size="small"
        icon={isDone ? <Checkmark16Regular /> : <Copy16Regular />}
        aria-label={isDone ? 'Copied' : `Copy the ${what}`}
        onClick={() => void navigator.clipboard.writeText(id).then(() => setDone(true))}
        onBlur={() => setDone(false)}
      />
    </span>
  );
};

// Names and ids as they are: in one width, to be copied.
import { Button } from '@fluentui/react-components';
import { Checkmark16Regular } from '@fluentui/react-icons/svg/checkmark';
import { Copy16Regular } from '@fluentui/react-icons/svg/copy';
import { Fragment, type ReactNode, useState } from 'react';
import { shortIds } from '../../../src/base/show.ts';
import styles from './exact.module.css';

/** A text that may go on in the next line after a slash, a dot or a colon in a word, and so not in the middle of a name. */
export const withBreaks = (text: string): ReactNode =>
  text.split(/(?<=[/.:])(?=[^\s/.:])/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no names, and do not move.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));

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
        {withBreaks(shortIds(id))}
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

// Where somebody is in something nested, and the way back out.
import { Button } from '@fluentui/react-components';
import styles from './path.module.css';

/** The way in. `onGo` is told how many parts to keep; the last is where somebody is. */
export const Path = ({
  label,
  top,
  parts,
  onGo,
}: {
  label: string;
  top: string;
  parts: readonly string[];
  onGo(depth: number): void;
}) => (
  <nav aria-label={label} className={styles.path}>
    <Button size="small" appearance="subtle" onClick={() => onGo(0)} disabled={parts.length === 0}>
      {top}
    </Button>
    {parts.map((part, index) => (
      <Button
        key={parts.slice(0, index + 1).join('/')}
        size="small"
        appearance="subtle"
        disabled={index === parts.length - 1}
        onClick={() => onGo(index + 1)}
      >
        / {part}
      </Button>
    ))}
  </nav>
);

// JSON as text, with line numbers and what is wrong with it said beside it.
import { useId, useRef } from 'react';
import styles from './json-editor.module.css';

/** What is wrong with a text as a JSON object, or null. */
export const jsonFault = (text: string): string | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? null
      : 'This is no JSON object: { … }';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** The editor. `fault` is shown below; the text stays as it is typed. */
export const JsonEditor = ({
  label,
  text,
  onChange,
  fault,
}: {
  label: string;
  text: string;
  /** None: the text is to be read. */
  onChange?: (text: string) => void;
  fault?: string | null;
}) => {
  const id = useId();
  const gutter = useRef<HTMLPreElement>(null);
  const count = text.split('\n').length;
  return (
    <div className={styles.editor}>
      <div className={styles.body}>
        <pre className={styles.gutter} ref={gutter} aria-hidden="true">
          {Array.from({ length: count }, (_, index) => index + 1).join('\n')}
        </pre>
        <textarea
          className={styles.text}
          value={text}
          rows={Math.min(32, Math.max(6, count))}
          readOnly={!onChange}
          spellCheck={false}
          wrap="off"
          aria-label={label}
          aria-invalid={fault ? true : undefined}
          aria-describedby={fault ? id : undefined}
          onChange={(event) => onChange?.(event.target.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      {fault && (
        <p id={id} className={styles.fault} role="alert">
          {fault}
        </p>
      )}
    </div>
  );
};

// Views of one thing, of which one is shown. Arrow keys move between them.
import { type KeyboardEvent, useRef } from 'react';
import styles from './tabs.module.css';

/** The row of tabs: pairs of value and title. */
export const Tabs = ({
  label,
  tabs,
  selected,
  onSelect,
}: {
  label: string;
  tabs: readonly (readonly [string, string])[];
  selected: string;
  onSelect(value: string): void;
}) => {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = tabs.findIndex(([value]) => value === selected);
    const next = (at + step + tabs.length) % tabs.length;
    onSelect(tabs[next]![0]);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div role="tablist" aria-label={label} className={styles.tabs} ref={list} onKeyDown={move}>
      {tabs.map(([value, title]) => (
        <button
          key={value}
          type="button"
          role="tab"
          aria-selected={value === selected}
          tabIndex={value === selected ? 0 : -1}
          className={styles.tab}
          onClick={() => onSelect(value)}
        >
          {title}
        </button>
      ))}
    </div>
  );
};

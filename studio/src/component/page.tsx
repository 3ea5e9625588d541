// The frame of every page: its heading, what it is for in one line, and what can be done.
import { Spinner } from '@fluentui/react-components';
import { type ReactNode, useEffect } from 'react';
import { ErrorCard } from './error-card.tsx';
import styles from './page.module.css';

/** A page. Its title is the window's too. */
export const Page = ({
  title,
  says,
  actions,
  isWide = false,
  children,
}: {
  title: string;
  says?: ReactNode;
  actions?: ReactNode;
  isWide?: boolean;
  children: ReactNode;
}) => {
  useEffect(() => {
    document.title = `${title} · Postern`;
  }, [title]);
  return (
    <div className={`${styles.page} ${isWide ? styles.wide : ''}`}>
      <header className={styles.head}>
        <div className={styles.heading}>
          <h1 className={styles.title}>{title}</h1>
          {says && <p className={styles.says}>{says}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
};

/** Part of a page under a heading of its own. */
export const Section = ({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) => (
  <section className={styles.section} aria-label={title}>
    <div className={styles.sectionHead}>
      <h2 className={styles.sectionTitle}>{title}</h2>
      {actions}
    </div>
    {children}
  </section>
);

/** What a question's answer makes of the page: a spinner, an error with a way out, or the content. */
export const Answered = <T,>({
  of,
  children,
}: {
  of: { data: T | undefined; error: unknown; isPending: boolean; refetch(): unknown };
  children: (data: T) => ReactNode;
}) => {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <ErrorCard error={of.error} onRetry={() => void of.refetch()} />;
  return <Spinner label="Loading" labelPosition="after" size="small" className={styles.spinner} />;
};

/** Buttons beside each other. */
export const Actions = ({ children }: { children: ReactNode }) => <div className={styles.actions}>{children}</div>;

/** Names and values, side by side. */
export const Facts = ({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) => (
  <dl className={styles.facts}>
    {rows.map(([name, value]) => (
      <div key={name} className={styles.fact}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

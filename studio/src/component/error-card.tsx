// An error that names the way out: the code, what happened, what to do and by whom, and buttons that do it.
import { Button } from '@fluentui/react-components';
import { DismissCircle20Filled } from '@fluentui/react-icons/svg/dismiss-circle';
import type { ReactNode } from 'react';
import { shortIds } from '../../../src/base/show.ts';
import { ApiError } from '../api/error.ts';
import styles from './error-card.module.css';
import { withBreaks } from './exact.tsx';

/** One reason: code, message and, where the policy said it, the remedy. */
export type Reason = { code: string; message: string; remedy?: string };

/** The policy's own words first, for they say why and what to do; what the store's client saw comes after. */
export const policyFirst = <R extends Reason>(own: Reason, details: readonly R[]): (Reason | R)[] => {
  const policy = details.filter(({ remedy }) => remedy);
  return [...policy, own, ...details.filter(({ remedy }) => !remedy)];
};

const reasonsOf = (error: unknown): { main: Reason; more: Reason[] } => {
  if (error instanceof ApiError) return { main: { code: error.code, message: error.message }, more: error.details };
  return { main: { code: 'StudioError', message: error instanceof Error ? error.message : String(error) }, more: [] };
};

const advice: Readonly<Record<string, string>> = {
  AuthorizationFailed:
    'You may look at this page, but not do this. Whoever assigns roles here can give you one that has the action.',
  PreconditionFailed: 'Somebody changed it meanwhile. Look at what is there now, then save again.',
  Unreachable: 'Look whether Postern runs: npx postern up starts it. What you typed stays here.',
};

/** The advice for what every page may meet. */
const adviceFor = (code: string, error: unknown): string | undefined => {
  if (advice[code] || !(error instanceof ApiError)) return advice[code];
  if (error.status === 404) return 'It was deleted meanwhile, or never was. Choose another one from the navigation.';
  if (error.status >= 500)
    return 'Try again in a moment. If it stays like this, whoever runs Postern finds the reason in what postern up prints.';
  return undefined;
};

/** A failure in words. `error` is an `ApiError` or anything thrown; `reasons` are given where it is data. */
export const ErrorCard = ({
  error,
  title,
  reasons,
  onRetry,
  children,
}: {
  error?: unknown;
  title?: string;
  reasons?: readonly Reason[];
  onRetry?: () => void;
  children?: ReactNode;
}) => {
  const { main, more } = reasons ? { main: reasons[0]!, more: reasons.slice(1) } : reasonsOf(error);
  const remedy = main.remedy ?? adviceFor(main.code, error);
  return (
    <div className={styles.card} role="alert">
      <span className={styles.icon} aria-hidden="true">
        <DismissCircle20Filled />
      </span>
      <div className={styles.text}>
        {title && <strong>{title}</strong>}
        <p>
          <code className={styles.code}>{main.code}</code> {withBreaks(shortIds(main.message))}
        </p>
        {remedy && (
          <p className={styles.remedy}>
            <b>What to do:</b> {withBreaks(shortIds(remedy))}
          </p>
        )}
        {more.map((one) => (
          <div key={`${one.code}${one.message}`} className={styles.detail}>
            <p>
              <code className={styles.code}>{one.code}</code> {withBreaks(shortIds(one.message))}
            </p>
            {one.remedy && (
              <p className={styles.remedy}>
                <b>What to do:</b> {withBreaks(shortIds(one.remedy))}
              </p>
            )}
          </div>
        ))}
        {(children || onRetry) && (
          <div className={styles.actions}>
            {children}
            {onRetry && <Button onClick={onRetry}>Try again</Button>}
          </div>
        )}
      </div>
    </div>
  );
};

// The first rows of a dataset, as the runtime reads them.
import { Spinner } from '@fluentui/react-components';
import { useState } from 'react';
import { type PreviewRows, preview, type Subject } from '../../api/authoring.ts';
import { ApiError } from '../../api/error.ts';
import { useRights } from '../../api/permission.ts';
import type { FactoryPlace } from '../../app/factory.ts';
import { ErrorCard } from '../../component/error-card.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Section } from '../../component/page.tsx';
import styles from './browser.module.css';
import { WayOn } from './test-report.tsx';

const most = 50;
const needs = 'Microsoft.DataFactory/factories/authoring/preview/action';

const shown = (value: unknown) =>
  value === null || value === undefined ? (
    <span className={styles.none}>null</span>
  ) : typeof value === 'object' ? (
    JSON.stringify(value)
  ) : (
    String(value)
  );

const Rows = ({ told }: { told: PreviewRows }) => (
  <>
    <section className={styles.rows} aria-label="Rows">
      <table>
        <thead>
          <tr>
            {told.columns.map(({ name, type }) => (
              <th key={name} scope="col">
                {name}
                <span className={styles.type}>{type}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {told.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names, and do not move.
            <tr key={index}>
              {told.columns.map(({ name }, at) => (
                <td key={name}>{shown(row[at])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
    <p>
      {told.rows.length} rows{told.truncated ? '; there are more' : ', which is all'}.
    </p>
  </>
);

/** A button that reads rows, and the rows. */
export const Preview = ({ factory, subject }: { factory: FactoryPlace; subject: Subject }) => {
  const [told, setTold] = useState<PreviewRows | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const { may } = useRights(factory.id);
  const read = async () => {
    setBusy(true);
    setError(null);
    await preview(factory.id, subject, most).then(setTold, (thrown: unknown) => {
      setTold(null);
      setError(thrown);
    });
    setBusy(false);
  };
  return (
    <Section
      title="Preview"
      actions={
        <GuardedButton may={may(needs)} needs={needs} onClick={() => void read()} disabled={isBusy}>
          {isBusy ? 'Reading…' : 'Preview the data'}
        </GuardedButton>
      }
    >
      {isBusy && (
        <Spinner size="small" label="Reading the first rows" labelPosition="after" className={styles.busy ?? ''} />
      )}
      {error !== null && (
        <ErrorCard error={error}>
          <WayOn
            factory={factory}
            reasons={error instanceof ApiError ? [{ code: error.code, message: error.message }, ...error.details] : []}
          />
        </ErrorCard>
      )}
      {!told && error === null && !isBusy && (
        <p className={styles.hint}>The first {most} rows, read by a worker of the runtime as a pipeline would.</p>
      )}
      {told && <Rows told={told} />}
    </Section>
  );
};

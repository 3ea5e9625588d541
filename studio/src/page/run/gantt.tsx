// When each activity ran, on one scale of time.
import { useEffect, useState } from 'react';
import { duration } from '../../../../src/base/show.ts';
import type { ActivityRun } from '../../api/shape.ts';
import { StateBadge, toneOf } from '../../component/state-badge.tsx';
import styles from './gantt.module.css';

const endOf = ({ activityRunEnd }: ActivityRun, now: number) =>
  activityRunEnd === null ? now : Date.parse(activityRunEnd);

/** The chart. Bars that go on grow. */
export const Gantt = ({
  runs,
  chosen,
  onChoose,
}: {
  runs: readonly ActivityRun[];
  chosen: string | null;
  onChoose(id: string): void;
}) => {
  const [now, setNow] = useState(Date.now);
  const isLive = runs.some(({ activityRunEnd }) => activityRunEnd === null);
  useEffect(() => {
    if (!isLive) return;
    const timer = window.setInterval(() => setNow(Date.now()), 250);
    return () => window.clearInterval(timer);
  }, [isLive]);
  if (runs.length === 0) return <p>No activity has begun yet.</p>;
  const begin = Math.min(...runs.map(({ activityRunStart }) => Date.parse(activityRunStart)));
  const length = Math.max(1, ...runs.map((run) => endOf(run, now) - begin));
  const part = (ms: number) => `${(ms / length) * 100}%`;
  return (
    <div className={styles.chart}>
      <div className={styles.scale} aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((at) => (
          <span key={at}>{at === 0 ? '0' : duration(length * at)}</span>
        ))}
      </div>
      <ul className={styles.rows} aria-label="Activities over time">
        {runs.map((run) => {
          const start = Date.parse(run.activityRunStart) - begin;
          const took = Math.max(0, endOf(run, now) - begin - start);
          return (
            <li key={run.activityRunId}>
              <button
                type="button"
                className={`${styles.row} ${run.activityRunId === chosen ? styles.chosen : ''}`}
                onClick={() => onChoose(run.activityRunId)}
              >
                <span className={styles.name}>
                  <code>{run.activityName}</code>
                  <StateBadge state={run.status} />
                </span>
                <span className={styles.track}>
                  <span
                    className={`${styles.bar} ${styles[toneOf(run.status)]}`}
                    style={{ left: part(start), width: part(took) }}
                  />
                </span>
                <span className={styles.took}>{duration(took)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
};

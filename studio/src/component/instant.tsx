// Times in the viewer's zone, the exact instant on hover.
import { useEffect, useState } from 'react';
import { duration } from '../../../src/base/show.ts';

const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** `3 minutes ago`. */
export const ago = (at: string, now: number): string => {
  const past = Date.parse(at) - now;
  const [unit, length] = units.find(([, ms]) => Math.abs(past) >= ms) ?? units.at(-1)!;
  return relative.format(Math.round(past / length), unit);
};

/** A time of today as a clock shows it, else with its day. */
export const Instant = ({ at }: { at: string | null | undefined }) => {
  if (!at || Number.isNaN(Date.parse(at))) return <span>–</span>;
  const time = new Date(at);
  const isToday = time.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={`${time.toISOString()} (${ago(at, Date.now())})`}>
      {isToday ? clock.format(time) : `${day.format(time)}, ${clock.format(time)}`}
    </time>
  );
};

/** How long something took, or has taken so far. */
export const Elapsed = ({ from, to, ms }: { from: string; to: string | null; ms?: number | null }) => {
  const [now, setNow] = useState(Date.now);
  const isOver = to !== null || ms != null;
  useEffect(() => {
    if (isOver) return;
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, [isOver]);
  const length = ms ?? (to === null ? now : Date.parse(to)) - Date.parse(from);
  return <span>{isOver ? duration(Math.max(0, length)) : `${Math.max(0, Math.round(length / 1000))} s so far`}</span>;
};

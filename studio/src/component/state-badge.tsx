// A state by its colour, its shape and its word, the same everywhere.
import { CheckmarkCircle16Filled } from '@fluentui/react-icons/svg/checkmark-circle';
import { Circle16Regular } from '@fluentui/react-icons/svg/circle';
import { Clock16Regular } from '@fluentui/react-icons/svg/clock';
import { DismissCircle16Filled } from '@fluentui/react-icons/svg/dismiss-circle';
import { PlayCircle16Regular } from '@fluentui/react-icons/svg/play-circle';
import { PlugDisconnected16Regular } from '@fluentui/react-icons/svg/plug-disconnected';
import { Prohibited16Regular } from '@fluentui/react-icons/svg/prohibited';
import { Warning16Filled } from '@fluentui/react-icons/svg/warning';
import type { ComponentType } from 'react';
import styles from './state-badge.module.css';

/** How a state is meant: it decides colour and shape. */
export type Tone = 'good' | 'bad' | 'waiting' | 'busy' | 'off' | 'warning';

const tones: Readonly<Record<string, Tone>> = {
  Approved: 'good',
  Succeeded: 'good',
  allowed: 'good',
  Online: 'good',
  Available: 'good',
  Pending: 'waiting',
  Queued: 'waiting',
  Starting: 'waiting',
  Rejected: 'bad',
  Failed: 'bad',
  denied: 'bad',
  TimedOut: 'bad',
  InProgress: 'busy',
  Canceling: 'busy',
  Cancelled: 'off',
  Skipped: 'off',
  Inactive: 'off',
  Disconnected: 'off',
};

const icons: Readonly<Record<Tone, ComponentType>> = {
  good: CheckmarkCircle16Filled,
  bad: DismissCircle16Filled,
  waiting: Clock16Regular,
  busy: PlayCircle16Regular,
  off: Prohibited16Regular,
  warning: Warning16Filled,
};

const words: Readonly<Record<string, string>> = {
  InProgress: 'Running',
  Canceling: 'Cancelling',
  allowed: 'Allowed',
  denied: 'Denied',
};

/** The tone of a state by its word. */
export const toneOf = (state: string): Tone => tones[state] ?? 'off';

/** The icon, colour and word of a state. `label` is said instead of the state's own word. */
export const StateBadge = ({ state, tone = toneOf(state), label }: { state: string; tone?: Tone; label?: string }) => {
  const Icon = state === 'Disconnected' ? PlugDisconnected16Regular : state === '' ? Circle16Regular : icons[tone];
  return (
    <span className={`${styles.badge} ${styles[tone]}`}>
      <span className={styles.icon} aria-hidden="true">
        <Icon />
      </span>
      {label ?? words[state] ?? state}
    </span>
  );
};

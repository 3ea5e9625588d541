// The drawing. Places follow from the order of things, so it stays as it is while states and flows change.
import { useState } from 'react';
import { bytes } from '../../../../src/base/show.ts';
import { StateBadge, toneOf } from '../../component/state-badge.tsx';
import type { Gate, MapModel, Weight } from './map-model.ts';
import type { Pair } from './map-page.tsx';
import styles from './network-map.module.css';

const row = 78;
const top = 64;
const middle = 29;

const apart = 52;

const yOf = (index: number) => top + index * row + middle;

const weightWords = ({ live, bytes: moved, denied }: Weight): string =>
  [
    ...(live > 0 ? [`${live} live`] : []),
    ...(moved > 0 ? [bytes(moved)] : []),
    ...(denied > 0 ? [`${denied} denied in the last minute`] : []),
  ].join(', ') || 'no traffic lately';

const gateWords = ({ reason, weight }: Gate): string =>
  reason === '' ? weightWords(weight) : `“${reason}”, ${weightWords(weight)}`;

/** A line is as thick as there are flows over it; how much they have moved stands beside it. */
const thickness = ({ live }: Weight) => (live === 0 ? 1.5 : Math.min(12, 3 + live));

const doorWords: Readonly<Record<string, string>> = {
  None: 'Closed',
  AllowList: 'Hosts on the list',
  Https: 'Any host, port 443',
  AnyPort: 'Any host, any port',
};

/** The map. `onAsk` is told which pair somebody chose. */
export const NetworkMap = ({ model, pair, onAsk }: { model: MapModel; pair: Pair | null; onAsk(pair: Pair): void }) => {
  const all = [...model.inside, ...model.outsideRuntimes];
  const [own, setOwn] = useState<string | null>(null);
  const runtime = pair?.runtime ?? own ?? all[0] ?? '';
  const { gates, outsides, inside, outsideRuntimes } = model;
  const doorAt = Math.max(gates.length, outsides.length, inside.length);
  const wallRows = doorAt + 1;
  const outsideAt = (index: number) => wallRows + index;
  const height = top + (wallRows + outsideRuntimes.length) * row + (outsideRuntimes.length > 0 ? apart : 0) + 24;
  const chooseRuntime = (name: string) => {
    setOwn(name);
    if (pair) onAsk({ ...pair, runtime: name });
  };
  const ask = (host: string, port: number) => onAsk({ runtime, host, port });
  const gateTargets = new Map(gates.map((gate) => [gate.id, outsides.findIndex((one) => one.gate === gate.id)]));
  const isAsked = (host: string) => pair?.host === host;
  const runtimeButton = (name: string, at: number) => (
    <button
      key={name}
      type="button"
      className={`${styles.node} ${styles.runtime} ${name === runtime ? styles.chosen : ''}`}
      style={{ top: top + at * row + (at < wallRows ? 0 : apart) }}
      aria-pressed={name === runtime}
      onClick={() => chooseRuntime(name)}
    >
      <code className={styles.name}>{name}</code>
      <span className={styles.says}>{at < wallRows ? 'Runtime, sealed' : 'Runtime, public network'}</span>
    </button>
  );
  return (
    <div className={styles.scroller}>
      <section className={styles.map} style={{ height }} aria-label="Network map">
        <div className={styles.wall} style={{ height: top + wallRows * row - 8 }}>
          <h2 className={styles.title}>Sealed network</h2>
        </div>
        <h2 className={`${styles.title} ${styles.outsideTitle}`}>Outside</h2>
        {outsideRuntimes.length > 0 && (
          <div
            className={styles.public}
            style={{ top: top + wallRows * row + 16, height: outsideRuntimes.length * row + apart - 16 }}
          >
            <h2 className={styles.title}>Public network</h2>
          </div>
        )}
        <svg className={styles.lines} width="100%" height={height} aria-hidden="true">
          <title>Lines</title>
          {inside.flatMap((name, from) =>
            gates.map((gate, to) => (
              <line
                key={`${name} ${gate.id}`}
                className={`${styles.line} ${gate.state === 'Approved' ? styles.open : styles.shut} ${name === runtime ? styles.near : ''}`}
                x1="21%"
                y1={yOf(from)}
                x2="36%"
                y2={yOf(to)}
              />
            )),
          )}
          {gates.map((gate, from) => {
            const to = gateTargets.get(gate.id) ?? -1;
            if (to < 0) return null;
            return (
              <line
                key={gate.id}
                className={`${styles.line} ${styles.near} ${gate.state === 'Approved' ? styles.open : styles.shut} ${gate.weight.live > 0 ? styles.moving : ''}`}
                x1="61%"
                y1={yOf(from)}
                x2="75%"
                y2={yOf(to)}
                style={{ strokeWidth: thickness(gate.weight) }}
              />
            );
          })}
          {model.door && (
            <line
              className={`${styles.line} ${styles.near} ${model.door.mode === 'None' ? styles.shut : styles.open} ${model.door.weight.live > 0 ? styles.moving : ''}`}
              x1="61%"
              y1={yOf(doorAt)}
              x2="75%"
              y2={yOf(doorAt)}
              style={{ strokeWidth: thickness(model.door.weight) }}
            />
          )}
          {outsideRuntimes.map((name, index) => (
            <line
              key={name}
              className={`${styles.line} ${styles.open}`}
              x1="21%"
              y1={yOf(outsideAt(index)) + apart}
              x2="75%"
              y2={yOf(doorAt)}
            />
          ))}
        </svg>
        {inside.map((name, index) => runtimeButton(name, index))}
        {outsideRuntimes.map((name, index) => runtimeButton(name, outsideAt(index)))}
        {gates.map((gate, index) => {
          const target = outsides[gateTargets.get(gate.id) ?? -1];
          return (
            <button
              key={gate.id}
              type="button"
              className={`${styles.node} ${styles.gate} ${styles[toneOf(gate.state)]}`}
              style={{ top: top + index * row }}
              onClick={() => target && ask(target.host, target.port)}
            >
              <code className={styles.name}>{gate.name}</code>
              <StateBadge state={gate.state} />
              <span className={styles.says} title={gateWords(gate)}>
                {gateWords(gate)}
              </span>
            </button>
          );
        })}
        {model.door && (
          <button
            type="button"
            className={`${styles.node} ${styles.gate} ${styles.door}`}
            style={{ top: top + doorAt * row }}
            title={model.door.says}
            onClick={() => ask('www.example.com', 443)}
          >
            <span className={styles.name}>Public door</span>
            <StateBadge
              state={model.door.mode === 'None' ? 'denied' : 'allowed'}
              tone={model.door.mode === 'None' ? 'off' : 'warning'}
              label={doorWords[model.door.mode] ?? model.door.mode}
            />
            <span className={styles.says}>{weightWords(model.door.weight)}</span>
          </button>
        )}
        {outsides.map((outside, index) => (
          <button
            key={outside.key}
            type="button"
            className={`${styles.node} ${styles.store} ${outside.gate === null ? styles.apart : ''} ${isAsked(outside.host) ? styles.chosen : ''}`}
            style={{ top: top + index * row }}
            onClick={() => ask(outside.host, outside.port)}
          >
            <code className={styles.name}>{outside.title}</code>
            <span className={styles.says}>{outside.says}</span>
            <span className={styles.says}>{outside.gate === null ? 'No endpoint leads here' : outside.host}</span>
          </button>
        ))}
        <button
          type="button"
          className={`${styles.node} ${styles.store} ${styles.world}`}
          style={{ top: top + doorAt * row }}
          onClick={() => ask('www.example.com', 443)}
        >
          <span className={styles.name}>Public hosts</span>
          <span className={styles.says}>By name, resolved inside</span>
        </button>
      </section>
    </div>
  );
};

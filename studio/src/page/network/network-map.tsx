// The drawing of a sealed network: inside the wall, in the wall, outside.
import { type CSSProperties, type ReactNode, useState } from 'react';
import { bytes } from '../../../../src/base/show.ts';
import { useNarrow } from '../../component/fit.ts';
import { StateBadge, toneOf } from '../../component/state-badge.tsx';
import { layOutMap, type MapLayout, nodeHeight } from './map-layout.ts';
import type { Gate, MapModel, Weight } from './map-model.ts';
import type { Pair } from './map-page.tsx';
import styles from './network-map.module.css';

const leastWidth = 760;

const weightWords = ({ live, rate, bytes: moved, denied }: Weight): string =>
  [
    ...(live > 0 ? [`${live} live`] : []),
    ...(rate >= 1 ? [`${bytes(Math.round(rate))}/s`] : []),
    ...(moved > 0 ? [`${bytes(moved)} moved`] : []),
    ...(denied > 0 ? [`${denied} denied in the last minute`] : []),
  ].join(', ') || 'no traffic lately';

const gateWords = ({ reason, weight }: Gate): string =>
  reason === '' ? weightWords(weight) : `“${reason}”, ${weightWords(weight)}`;

/** A line is as thick as what moves over it: 2 px more for each ten times as much, from 1 kB a second. */
const thickness = ({ live, rate }: Weight) =>
  live === 0 ? 1.5 : Math.min(14, 3 + 2 * Math.max(0, Math.log10(Math.max(1, rate) / 1000)));

const doorWords: Readonly<Record<string, string>> = {
  None: 'Closed',
  AllowList: 'Hosts on the list',
  Https: 'Any host, port 443',
  AnyPort: 'Any host, any port',
};

type Place = { left: number; width: number };

const Node = ({
  place,
  top,
  look,
  title,
  isChosen,
  onChoose,
  children,
}: {
  place: Place;
  top: number;
  look: (string | undefined)[];
  title?: string;
  isChosen?: boolean;
  onChoose(): void;
  children: ReactNode;
}) => (
  <button
    type="button"
    className={[styles.node, ...look, isChosen ? styles.chosen : ''].join(' ')}
    style={{ top, height: nodeHeight, left: `${place.left}%`, width: `${place.width}%` }}
    title={title}
    aria-pressed={isChosen}
    onClick={onChoose}
  >
    {children}
  </button>
);

const Line = ({
  from,
  to,
  look,
  width,
}: {
  from: [x: number, top: number];
  to: [x: number, top: number];
  look: (string | undefined | false)[];
  width?: number;
}) => (
  <line
    className={[styles.line, ...look.filter(Boolean)].join(' ')}
    x1={`${from[0]}%`}
    y1={from[1] + nodeHeight / 2}
    x2={`${to[0]}%`}
    y2={to[1] + nodeHeight / 2}
    style={width === undefined ? {} : { strokeWidth: width }}
  />
);

const endOf = ({ left, width }: Place) => left + width;

const Lines = ({ model, layout, runtime }: { model: MapModel; layout: MapLayout; runtime: string }) => {
  const { gates, outsides, inside, outsideRuntimes, door } = model;
  const outsideOf = new Map(outsides.map(({ gate }, index) => [gate, index]));
  const doorTop = layout.rowAt(Math.max(gates.length, outsides.length, layout.isNarrow ? 0 : inside.length));
  const way = (isOpen: boolean, { live }: Weight) => [
    styles.near,
    isOpen ? styles.open : styles.shut,
    live > 0 && styles.moving,
  ];
  return (
    <svg className={styles.lines} width="100%" height={layout.height} aria-hidden="true">
      <title>Lines</title>
      {!layout.isNarrow &&
        inside.flatMap((name, from) =>
          gates.map((gate, to) => (
            <Line
              key={`${name} ${gate.id}`}
              from={[endOf(layout.runtime), layout.insideAt(from)]}
              to={[layout.gate.left, layout.rowAt(to)]}
              look={[gate.state === 'Approved' ? styles.open : styles.shut, name === runtime && styles.near]}
            />
          )),
        )}
      {gates.map((gate, from) => {
        const to = outsideOf.get(gate.id);
        if (to === undefined) return null;
        return (
          <Line
            key={gate.id}
            from={[endOf(layout.gate), layout.rowAt(from)]}
            to={[layout.store.left, layout.rowAt(to)]}
            look={way(gate.state === 'Approved', gate.weight)}
            width={thickness(gate.weight)}
          />
        );
      })}
      {door && (
        <Line
          from={[endOf(layout.gate), doorTop]}
          to={[layout.store.left, doorTop]}
          look={way(door.mode !== 'None', door.weight)}
          width={thickness(door.weight)}
        />
      )}
      {outsideRuntimes.map((name, index) => (
        <Line
          key={name}
          from={[endOf(layout.runtime), layout.openAt(index)]}
          to={[layout.store.left, doorTop]}
          look={[styles.open]}
        />
      ))}
    </svg>
  );
};

/** The map. `onAsk` is told which pair somebody chose. */
export const NetworkMap = ({ model, pair, onAsk }: { model: MapModel; pair: Pair | null; onAsk(pair: Pair): void }) => {
  const { isNarrow, place } = useNarrow(leastWidth);
  const { gates, outsides, inside, outsideRuntimes, door } = model;
  const [own, setOwn] = useState<string | null>(null);
  const runtime = pair?.runtime ?? own ?? [...inside, ...outsideRuntimes][0] ?? '';
  const layout = layOutMap(
    { inside: inside.length, gates: gates.length, outsides: outsides.length, open: outsideRuntimes.length },
    isNarrow,
  );
  const doorTop = layout.rowAt(Math.max(gates.length, outsides.length, isNarrow ? 0 : inside.length));
  const chooseRuntime = (name: string) => {
    setOwn(name);
    if (pair) onAsk({ ...pair, runtime: name });
  };
  const ask = (host: string, port: number) => onAsk({ runtime, host, port });
  const targetOf = new Map(outsides.map((outside) => [outside.gate, outside]));
  const box = (top: number, height: number): CSSProperties => ({
    top,
    height,
    width: `calc(${layout.wall.width}% - 12px)`,
  });
  const runtimeNode = (name: string, top: number, says: string) => (
    <Node
      key={name}
      place={layout.runtime}
      top={top}
      look={[styles.runtime]}
      isChosen={name === runtime}
      onChoose={() => chooseRuntime(name)}
    >
      <code className={styles.name} title={name}>
        {name}
      </code>
      <span className={styles.says}>{says}</span>
    </Node>
  );
  return (
    <section className={styles.map} style={{ height: layout.height }} aria-label="Network map" ref={place}>
      <div className={styles.wall} style={box(layout.wall.top, layout.wall.height)}>
        <h2 className={styles.title}>Sealed network</h2>
      </div>
      <h2 className={`${styles.title} ${styles.outsideTitle}`} style={{ left: `calc(${layout.store.left}% - 14px)` }}>
        Outside
      </h2>
      {outsideRuntimes.length > 0 && (
        <div className={styles.public} style={box(layout.open.top, layout.open.height)}>
          <h2 className={styles.title}>Public network</h2>
        </div>
      )}
      <Lines model={model} layout={layout} runtime={runtime} />
      {inside.map((name, index) => runtimeNode(name, layout.insideAt(index), 'Runtime, sealed'))}
      {outsideRuntimes.map((name, index) => runtimeNode(name, layout.openAt(index), 'Runtime, public'))}
      {gates.map((gate, index) => {
        const target = targetOf.get(gate.id);
        const words = gateWords(gate);
        return (
          <Node
            key={gate.id}
            place={layout.gate}
            top={layout.rowAt(index)}
            look={[styles.gate, styles[toneOf(gate.state)]]}
            title={`${gate.name}: ${words}`}
            onChoose={() => target && ask(target.host, target.port)}
          >
            <code className={styles.name}>{gate.name}</code>
            <StateBadge state={gate.state} />
            <span className={styles.says}>{words}</span>
          </Node>
        );
      })}
      {door && (
        <Node
          place={layout.gate}
          top={doorTop}
          look={[styles.gate, styles.door]}
          title={door.says}
          onChoose={() => ask('www.example.com', 443)}
        >
          <span className={styles.name}>Public door</span>
          <StateBadge
            state={door.mode === 'None' ? 'denied' : 'allowed'}
            tone={door.mode === 'None' ? 'off' : 'warning'}
            label={doorWords[door.mode] ?? door.mode}
          />
          <span className={styles.says}>{weightWords(door.weight)}</span>
        </Node>
      )}
      {outsides.map((outside, index) => (
        <Node
          key={outside.key}
          place={layout.store}
          top={layout.rowAt(index)}
          look={[outside.gate === null ? styles.apart : '']}
          title={outside.host}
          isChosen={pair?.host === outside.host}
          onChoose={() => ask(outside.host, outside.port)}
        >
          <code className={styles.name}>{outside.title}</code>
          <span className={styles.says}>{outside.says}</span>
          <span className={styles.says}>{outside.gate === null ? 'No endpoint leads here' : outside.host}</span>
        </Node>
      ))}
      <Node place={layout.store} top={doorTop} look={[styles.world]} onChoose={() => ask('www.example.com', 443)}>
        <span className={styles.name}>Public hosts</span>
        <span className={styles.says}>By name, resolved inside</span>
      </Node>
    </section>
  );
};

// The sealed network, drawn: who is inside, the gates in its wall, what is outside. Any pair explains itself.
import { Input } from '@fluentui/react-components';
import { Search16Regular } from '@fluentui/react-icons/svg/search';
import { Link } from 'react-router';
import type { Reachability } from '../../../../src/cli/network-shape.ts';
import { useFlows } from '../../api/flow.ts';
import { useArm } from '../../api/query.ts';
import { useRates } from '../../api/rate.ts';
import { useFactory } from '../../app/factory.ts';
import { useChoice, useTyped } from '../../component/choice.ts';
import { Empty } from '../../component/empty.tsx';
import { Answered, Page } from '../../component/page.tsx';
import { Split } from '../../component/split.tsx';
import { ExplainDetail } from './explain-detail.tsx';
import { type MapModel, mapOf } from './map-model.ts';
import styles from './network-map.module.css';
import { NetworkMap } from './network-map.tsx';

/** What is asked about: a runtime, and where to. */
export type Pair = { runtime: string; host: string; port: number };

const readPair = (chosen: (name: string) => string | null): Pair | null => {
  const runtime = chosen('runtime');
  const host = chosen('host');
  return runtime !== null && host !== null ? { runtime, host, port: Number(chosen('port') ?? 443) } : null;
};

/** Where there is more than can be drawn: what is left out, and a way to what somebody looks for. */
const Find = ({ word, left, onFind }: { word: string; left: MapModel['left']; onFind(word: string): void }) => {
  if (word === '' && left.gates + left.outsides === 0) return null;
  const parts = [
    ...(left.gates > 0 ? [`${left.gates.toLocaleString()} gates`] : []),
    ...(left.outsides > 0 ? [`${left.outsides.toLocaleString()} stores that no gate leads to`] : []),
  ];
  return (
    <div className={styles.find}>
      <Input
        type="search"
        contentBefore={<Search16Regular />}
        placeholder="Find gates and stores"
        aria-label="Find gates and stores"
        value={word}
        onChange={(_, { value }) => onFind(value)}
      />
      {parts.length > 0 && (
        <span className={styles.left} role="status">
          {parts.join(' and ')} are not drawn. First comes what moves, what was refused and what waits.
        </span>
      )}
    </div>
  );
};

/** The map of a factory's network. */
export const MapPage = () => {
  const factory = useFactory();
  const { chosen, choose } = useChoice();
  const told = useArm<Reachability>(`${factory.id}/providers/Postern.Network/reachability`);
  const flows = useFlows(factory.id);
  const rates = useRates(flows.data ?? [], flows.dataUpdatedAt);
  const [word, type] = useTyped('find');
  const pair = readPair(chosen);
  const ask = ({ runtime, host, port }: Pair) => choose({ runtime, host, port: String(port) });
  return (
    <Page
      title="Network map"
      says="Choose a runtime, then anything else: you are told whether it may pass, by which rule, and who can change it."
      isWide
    >
      <Answered of={told}>
        {(reachability) => {
          const model = mapOf(reachability, { flows: flows.data ?? [], rates, now: Date.now(), word });
          const runtimes = [...model.inside, ...model.outsideRuntimes];
          return (
            <Split
              detail={
                pair && (
                  <ExplainDetail
                    factory={factory}
                    pair={pair}
                    runtimes={runtimes}
                    onAsk={ask}
                    onClose={() => choose({ runtime: null, host: null, port: null })}
                  />
                )
              }
            >
              {model.door === null ? (
                <Empty title="There is no managed network to draw">
                  <Link to={factory.at}>Make one on the factory’s overview.</Link> The map then shows what is inside,
                  the gates in its wall and what they lead to.
                </Empty>
              ) : (
                <>
                  <Find word={word} left={model.left} onFind={type} />
                  <NetworkMap model={model} pair={pair} onAsk={ask} />
                </>
              )}
            </Split>
          );
        }}
      </Answered>
    </Page>
  );
};

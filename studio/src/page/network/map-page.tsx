// The sealed network, drawn: who is inside, the gates in its wall, what is outside. Any pair explains itself.
import { Link, useSearchParams } from 'react-router';
import type { Reachability } from '../../../../src/cli/network-shape.ts';
import { useFlows } from '../../api/flow.ts';
import { useArm } from '../../api/query.ts';
import { useFactory } from '../../app/factory.ts';
import { Empty } from '../../component/empty.tsx';
import { Answered, Page } from '../../component/page.tsx';
import { Split } from '../../component/split.tsx';
import { ExplainDetail } from './explain-detail.tsx';
import { mapOf } from './map-model.ts';
import { NetworkMap } from './network-map.tsx';

/** What is asked about: a runtime, and where to. */
export type Pair = { runtime: string; host: string; port: number };

const readPair = (search: URLSearchParams): Pair | null => {
  const runtime = search.get('runtime');
  const host = search.get('host');
  return runtime !== null && host !== null ? { runtime, host, port: Number(search.get('port') ?? 443) } : null;
};

/** The map of a factory's network. */
export const MapPage = () => {
  const factory = useFactory();
  const [search, setSearch] = useSearchParams();
  const told = useArm<Reachability>(`${factory.id}/providers/Postern.Network/reachability`);
  const flows = useFlows(factory.id);
  const pair = readPair(search);
  const ask = ({ runtime, host, port }: Pair) => setSearch({ runtime, host, port: String(port) });
  return (
    <Page
      title="Network map"
      says="Choose a runtime, then anything else: you are told whether it may pass, by which rule, and who can change it."
      isWide
    >
      <Answered of={told}>
        {(reachability) => {
          const model = mapOf(reachability, flows.data ?? [], Date.now());
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
                    onClose={() => setSearch({})}
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
                <NetworkMap model={model} pair={pair} onAsk={ask} />
              )}
            </Split>
          );
        }}
      </Answered>
    </Page>
  );
};

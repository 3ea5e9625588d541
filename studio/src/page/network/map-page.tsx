// The sealed network, drawn: who is inside, the gates in its wall, what is outside. Any pair explains itself.
import { Link } from 'react-router';
import type { Reachability } from '../../../../src/cli/network-shape.ts';
import { useFlows } from '../../api/flow.ts';
import { useArm } from '../../api/query.ts';
import { useFactory } from '../../app/factory.ts';
import { useChoice } from '../../component/choice.ts';
import { Empty } from '../../component/empty.tsx';
import { Answered, Page } from '../../component/page.tsx';
import { Split } from '../../component/split.tsx';
import { ExplainDetail } from './explain-detail.tsx';
import { mapOf } from './map-model.ts';
import { NetworkMap } from './network-map.tsx';

/** What is asked about: a runtime, and where to. */
export type Pair = { runtime: string; host: string; port: number };

const readPair = (chosen: (name: string) => string | null): Pair | null => {
  const runtime = chosen('runtime');
  const host = chosen('host');
  return runtime !== null && host !== null ? { runtime, host, port: Number(chosen('port') ?? 443) } : null;
};

/** The map of a factory's network. */
export const MapPage = () => {
  const factory = useFactory();
  const { chosen, choose } = useChoice();
  const told = useArm<Reachability>(`${factory.id}/providers/Postern.Network/reachability`);
  const flows = useFlows(factory.id);
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
                <NetworkMap model={model} pair={pair} onAsk={ask} />
              )}
            </Split>
          );
        }}
      </Answered>
    </Page>
  );
};

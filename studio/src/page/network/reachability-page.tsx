// What each runtime may reach, by the rules; the probes that prove it; and the report to hand on.
import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useMemo, useState } from 'react';
import { nameIn, shortIds } from '../../../../src/base/show.ts';
import type { Reachability, ShownCell, ShownProbe } from '../../../../src/cli/network-shape.ts';
import { call } from '../../api/client.ts';
import { useRights } from '../../api/permission.ts';
import { readAll, useArm } from '../../api/query.ts';
import type { Decision } from '../../api/shape.ts';
import { type FactoryPlace, useFactory } from '../../app/factory.ts';
import { useChoice } from '../../component/choice.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { ErrorCard } from '../../component/error-card.tsx';
import { withBreaks } from '../../component/exact.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Answered, Facts, Page, Section } from '../../component/page.tsx';
import { Detail, Split } from '../../component/split.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import styles from './reachability.module.css';
import { saveFile } from './save-file.ts';

const mayProbe = 'Microsoft.DataFactory/factories/pipelines/createrun/action';
const keyOf = (cell: ShownCell) => `${cell.runtime} ${cell.host}:${cell.port}`;

/** A target: what each runtime may do there, by the runtime's name. */
type TargetRow = { host: string; cells: ReadonlyMap<string, ShownCell> };

const rowsOf = ({ matrix }: Reachability): TargetRow[] =>
  [...Map.groupBy(matrix, ({ host, port }) => `${host}:${port}`)].map(([host, cells]) => ({
    host,
    cells: new Map(cells.map((cell) => [cell.runtime, cell])),
  }));

const wordOf = (cell: ShownCell | undefined) =>
  cell === undefined ? '–' : cell.verdict === 'allowed' ? 'Allowed' : cell.code;

const Matrix = ({
  told,
  chosen,
  onChoose,
}: {
  told: Reachability;
  chosen: string | null;
  onChoose(key: string): void;
}) => {
  const rows = useMemo(() => rowsOf(told), [told]);
  const cellOf = (name: string, cell: ShownCell | undefined) => {
    if (!cell) return '–';
    const key = keyOf(cell);
    return (
      <button
        type="button"
        className={`${styles.cell} ${key === chosen ? styles.chosen : ''}`}
        aria-pressed={key === chosen}
        aria-label={`${name} to ${cell.host}:${cell.port}: ${wordOf(cell)}`}
        onClick={() => onChoose(key)}
      >
        <StateBadge state={cell.verdict} label={wordOf(cell)} />
      </button>
    );
  };
  return (
    <DataList
      label="Targets"
      rows={rows}
      keyOf={({ host }) => host}
      filterOf={({ host, cells }) => `${host} ${[...cells.values()].map(wordOf).join(' ')}`}
      columns={[
        {
          title: 'Target',
          width: 300,
          cell: ({ host }) => <code>{withBreaks(host)}</code>,
          sortOf: ({ host }) => host,
        },
        ...told.runtimes.map(({ name }) => ({
          title: name,
          width: 200,
          cell: ({ cells }: TargetRow) => cellOf(name, cells.get(name)),
          sortOf: ({ cells }: TargetRow) => wordOf(cells.get(name)),
        })),
      ]}
      empty={
        <Empty title="No target yet">
          Targets are what the factory’s endpoints lead to, and the stores that you may see. Request an endpoint first.
        </Empty>
      }
    />
  );
};

const CellDetail = ({ cell, onClose }: { cell: ShownCell; onClose(): void }) => (
  <Detail title={`${cell.runtime} to ${cell.host}:${cell.port}`} onClose={onClose}>
    <StateBadge state={cell.verdict} />
    {cell.verdict === 'denied' ? <ErrorCard reasons={[cell]} /> : <p>{shortIds(cell.message)}</p>}
    <Facts
      rows={[
        ['Code', <code key="code">{cell.code}</code>],
        ['Store', nameIn(cell.resourceId)],
        ['Sub-resource', cell.groupId],
        ['State of the endpoint', cell.state ?? 'there is none'],
      ]}
    />
  </Detail>
);

const Evidence = ({ probe }: { probe: ShownProbe }) => (
  <Section title={`Probes: ${probe.title}`}>
    <p>
      {probe.attempts} attempts from worker <code>{probe.worker}</code>: {probe.asExpected} as expected, {probe.leaks}{' '}
      leaks, {probe.untried} not made.
    </p>
    {[...Map.groupBy(probe.evidence, ({ category }) => category)].map(([category, all]) => {
      const good = all.filter(({ outcome }) => outcome === 'as expected').length;
      return (
        <details key={category} open={good < all.length} className={styles.evidence}>
          <summary>
            <StateBadge state={good === all.length ? 'Succeeded' : 'Failed'} label={category} /> {good} of {all.length}{' '}
            as expected
          </summary>
          <DataList
            label={category}
            rows={all.map((one, index) => ({ ...one, key: `${index}` }))}
            keyOf={({ key }) => key}
            columns={[
              { title: 'Tried', cell: ({ what }) => <code>{what}</code> },
              { title: 'Expected', width: 200, cell: ({ expected, expectedCode }) => expectedCode ?? expected },
              { title: 'The worker saw', width: 160, cell: ({ seen }) => seen },
              { title: 'The gateway recorded', width: 200, cell: ({ gateway }) => gateway?.code ?? 'nothing' },
              {
                title: 'Result',
                width: 140,
                cell: ({ outcome }) => (
                  <StateBadge state={outcome === 'as expected' ? 'Succeeded' : 'Failed'} label={outcome} />
                ),
              },
            ]}
          />
        </details>
      );
    })}
  </Section>
);

const Verdict = ({ told }: { told: Reachability }) => {
  if (told.sealed === undefined)
    return (
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>By the rules, not tried.</MessageBarTitle> The matrix is what the rules let pass at this
          moment. Probes send real traffic from a new worker and compare.
        </MessageBarBody>
      </MessageBar>
    );
  const reasons = (told.probes ?? []).flatMap((probe) => probe.reasons);
  return (
    <MessageBar intent={told.sealed ? 'success' : 'error'} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>
          {told.sealed ? 'Sealed, but for what the rules admit.' : 'Not proved to be sealed.'}
        </MessageBarTitle>{' '}
        {told.sealed
          ? 'No attempt got through that no rule admits, and the gateway recorded the workers trying.'
          : reasons.join(' ')}
      </MessageBarBody>
    </MessageBar>
  );
};

const Export = ({ factory, told }: { factory: FactoryPlace; told: Reachability }) => {
  const save = async (kind: 'json' | 'html') => {
    const name = `reachability-${factory.name}-${told.at.slice(0, 10)}`;
    if (kind === 'json') return saveFile(`${name}.json`, 'application/json', JSON.stringify(told, null, 2));
    const [{ reportPage }, decisions] = await Promise.all([
      import('../../../../src/cli/report/page.ts'),
      readAll<Decision>(`${factory.id}/providers/Postern.Network/decisions?top=200`),
    ]);
    saveFile(`${name}.html`, 'text/html', reportPage(told, decisions));
  };
  return (
    <>
      <Button onClick={() => void save('html')}>Export as a page</Button>
      <Button onClick={() => void save('json')}>Export as JSON</Button>
    </>
  );
};

/** Reachability of a factory. */
export const ReachabilityPage = () => {
  const factory = useFactory();
  const path = `${factory.id}/providers/Postern.Network/reachability`;
  const rules = useArm<Reachability>(path);
  const { may } = useRights(factory.id);
  const { chosen: chosenOf, choose } = useChoice();
  const [probed, setProbed] = useState<Reachability | null>(null);
  const [isProbing, setProbing] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const chosen = chosenOf('cell');
  const probe = async () => {
    setProbing(true);
    setError(null);
    await call<Reachability>({ method: 'POST', path: `${path}?probe=true`, body: {} }).then(setProbed, setError);
    setProbing(false);
  };
  // What was proved is proved of the rules as they were: with other rules it is old.
  const told = probed && rules.data?.snapshotVersion === probed.snapshotVersion ? probed : rules.data;
  return (
    <Page
      title="Reachability"
      says="Each runtime against each target, decided by the function that also decides about live traffic."
      actions={
        <>
          <GuardedButton
            appearance="primary"
            may={may(mayProbe)}
            needs={mayProbe}
            disabled={isProbing}
            onClick={() => void probe()}
          >
            {isProbing ? 'Probing…' : 'Run the probes'}
          </GuardedButton>
          {told && <Export factory={factory} told={told} />}
        </>
      }
    >
      {error !== null && <ErrorCard title="The probes could not be run" error={error} />}
      {probed && told !== probed && <p>The rules have changed since the probes ran. Run them again.</p>}
      <Answered of={{ ...rules, data: told }}>
        {(all) => {
          const cell = all.matrix.find((one) => keyOf(one) === chosen);
          return (
            <>
              <Verdict told={all} />
              <Split detail={cell && <CellDetail cell={cell} onClose={() => choose({ cell: null })} />}>
                <Matrix told={all} chosen={chosen} onChoose={(key) => choose({ cell: key })} />
              </Split>
              <Section title="What the networks admit of the public">
                <Facts rows={all.networks.map(({ title, says }) => [title, says] as const)} />
              </Section>
              {(all.probes ?? []).map((one) => (
                <Evidence key={one.network} probe={one} />
              ))}
            </>
          );
        }}
      </Answered>
    </Page>
  );
};

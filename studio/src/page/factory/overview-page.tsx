// A factory at a glance: its network, its runtimes, what is in it and what to do next.
import { useState } from 'react';
import { Link } from 'react-router';
import { factoryName } from '../../../../src/providers/data-factory/name.ts';
import { ApiError } from '../../api/error.ts';
import { useRights } from '../../api/permission.ts';
import { useAll, useArm } from '../../api/query.ts';
import { useSend } from '../../api/save.ts';
import type { Factory, IntegrationRuntime, ManagedEndpoint, Resource } from '../../api/shape.ts';
import { type FactoryPlace, useFactory } from '../../app/factory.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { CopyId } from '../../component/exact.tsx';
import { FormDialog } from '../../component/form-dialog.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Instant } from '../../component/instant.tsx';
import { isName, NameField } from '../../component/name-field.tsx';
import { Answered, Facts, Page, Section } from '../../component/page.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import { sealedRuntime } from './factory-form.tsx';
import styles from './overview.module.css';

const networkWrite = 'Microsoft.DataFactory/factories/managedVirtualNetworks/write';
const runtimeWrite = 'Microsoft.DataFactory/factories/integrationRuntimes/write';

const RuntimeForm = ({ factory, onClose }: { factory: FactoryPlace; onClose(): void }) => {
  const [name, setName] = useState('');
  const send = useSend();
  return (
    <FormDialog
      title="New runtime"
      submit="Make the runtime"
      isReady={isName(factoryName, name)}
      onSubmit={() => send({ method: 'PUT', path: `${factory.id}/integrationRuntimes/${name}`, body: sealedRuntime })}
      onClose={onClose}
    >
      <p>
        A runtime is where activities run. This one is in the managed network: its workers reach nothing but approved
        endpoints and what the public door lets through.
      </p>
      <NameField rule={factoryName} value={name} onChange={setName} />
    </FormDialog>
  );
};

const placeOf = ({ properties }: IntegrationRuntime) =>
  properties.managedVirtualNetwork
    ? 'Managed network'
    : properties.type === 'Managed'
      ? 'Public network'
      : 'Self-hosted';

const Runtimes = ({ factory, may }: { factory: FactoryPlace; may(action: string): boolean | null }) => {
  const runtimes = useAll<IntegrationRuntime>(`${factory.id}/integrationRuntimes`);
  const [isOpen, setOpen] = useState(false);
  const create = (
    <GuardedButton may={may(runtimeWrite)} needs={runtimeWrite} onClick={() => setOpen(true)}>
      New runtime
    </GuardedButton>
  );
  return (
    <Section title="Runtimes" actions={create}>
      <Answered of={runtimes}>
        {(all) => (
          <DataList
            label="Runtimes"
            rows={all}
            keyOf={({ id }) => id}
            columns={[
              { title: 'Name', cell: ({ name }) => <code>{name}</code> },
              { title: 'Where', cell: placeOf },
              { title: 'State', width: 140, cell: ({ properties }) => <StateBadge state={properties.state} /> },
            ]}
            empty={
              <Empty title="No runtime yet">
                Without one, activities run in the public network. Make a runtime in the managed network, and let linked
                services name it.
              </Empty>
            }
          />
        )}
      </Answered>
      {isOpen && <RuntimeForm factory={factory} onClose={() => setOpen(false)} />}
    </Section>
  );
};

const NetworkPart = ({ factory, may }: { factory: FactoryPlace; may(action: string): boolean | null }) => {
  const network = useArm<Resource>(factory.network);
  const endpoints = useAll<ManagedEndpoint>(network.data ? `${factory.network}/managedPrivateEndpoints` : null);
  const send = useSend();
  const [error, setError] = useState<unknown>(null);
  const isMissing = network.error instanceof ApiError && network.error.status === 404;
  if (isMissing)
    return (
      <Section title="Managed network">
        <Empty
          title="This factory has no managed network yet"
          action={
            <GuardedButton
              appearance="primary"
              may={may(networkWrite)}
              needs={networkWrite}
              onClick={() =>
                void send({ method: 'PUT', path: factory.network, body: { properties: {} } }).catch(setError)
              }
            >
              Make the managed network
            </GuardedButton>
          }
        >
          The managed network is the sealed one: no way out but endpoints that a store’s owner approved.
        </Empty>
        {error !== null && (
          <Answered of={{ data: undefined, error, isPending: false, refetch: () => setError(null) }}>
            {() => null}
          </Answered>
        )}
      </Section>
    );
  if (!network.data)
    return (
      <Section title="Managed network">
        <Answered of={network}>{() => null}</Answered>
      </Section>
    );
  const count = (state: string) =>
    endpoints.data?.filter((one) => one.properties.connectionState.status === state).length ?? 0;
  return (
    <Section title="Managed network">
      <div className={styles.tiles}>
        {(['Approved', 'Pending', 'Rejected', 'Disconnected'] as const).map((state) => (
          <Link key={state} to={`endpoints?state=${state}`} className={styles.tile}>
            <span className={styles.figure}>{count(state)}</span>
            <StateBadge state={state} />
          </Link>
        ))}
      </div>
      <p>
        <Link to="map">Open the map</Link> to see what can reach what, and <Link to="reachability">prove</Link> that the
        rest is closed.
      </p>
    </Section>
  );
};

const steps = [
  ['endpoints?new', 'Request an endpoint', 'to each store that the pipelines need; its owner approves it.'],
  ['linked-services', 'Make a linked service', 'and test its connection.'],
  ['pipelines', 'Draw a pipeline', 'and debug it.'],
] as const;

/** The overview. */
export const OverviewPage = () => {
  const factory = useFactory();
  const told = useArm<Factory>(factory.id);
  const { may } = useRights(factory.id);
  return (
    <Page title={factory.name} says="Its network, its runtimes, and what comes next.">
      <Answered of={told}>
        {({ id, location, identity, properties }) => (
          <>
            <NetworkPart factory={factory} may={may} />
            <Runtimes factory={factory} may={may} />
            <Section title="What comes next">
              <ol className={styles.steps}>
                {steps.map(([to, title, says]) => (
                  <li key={to}>
                    <Link to={to}>{title}</Link> {says}
                  </li>
                ))}
              </ol>
            </Section>
            <Section title="Facts">
              <Facts
                rows={[
                  ['Id', <CopyId key="id" id={id} />],
                  ['Region', location],
                  ['Made', <Instant key="made" at={properties.createTime} />],
                  [
                    'Managed identity',
                    identity?.principalId ? (
                      <CopyId key="identity" id={identity.principalId} what="object id of the identity" />
                    ) : (
                      'None. It needs one to read secrets from a key vault.'
                    ),
                  ],
                ]}
              />
            </Section>
          </>
        )}
      </Answered>
    </Page>
  );
};

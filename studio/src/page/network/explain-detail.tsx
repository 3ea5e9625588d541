// What would happen to a connection, why, and who can change it; and what did happen, if somebody has it tried.
import { Button, Field, Input, Select, Spinner } from '@fluentui/react-components';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { shortIds } from '../../../../src/base/show.ts';
import type { Explained } from '../../../../src/cli/network-shape.ts';
import { call } from '../../api/client.ts';
import { useRights } from '../../api/permission.ts';
import { useAsk } from '../../api/query.ts';
import type { FactoryPlace } from '../../app/factory.ts';
import { ErrorCard } from '../../component/error-card.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Answered, Facts } from '../../component/page.tsx';
import { Detail } from '../../component/split.tsx';
import { StateBadge } from '../../component/state-badge.tsx';
import styles from './explain.module.css';
import type { Pair } from './map-page.tsx';

const mayProbe = 'Microsoft.DataFactory/factories/pipelines/createrun/action';

const resolverWords: Readonly<Record<string, string>> = {
  privateEndpoint: 'the private address of the endpoint',
  publicName: 'an address that stands for the public name',
  NXDOMAIN: 'that there is no such name',
  REFUSED: 'nothing: the name is not allowed',
  notAsked: 'It is not asked: this is an address',
};

const Question = ({ pair, runtimes, onAsk }: { pair: Pair; runtimes: readonly string[]; onAsk(pair: Pair): void }) => {
  const [host, setHost] = useState(pair.host);
  const [port, setPort] = useState(String(pair.port));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAsk({ ...pair, host: host.trim(), port: Number(port) || 443 });
  };
  return (
    <form className={styles.question} onSubmit={submit}>
      <Field label="From">
        <Select value={pair.runtime} onChange={(_, { value }) => onAsk({ ...pair, runtime: value })}>
          {runtimes.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      </Field>
      <Field label="To host">
        <Input value={host} onChange={(_, { value }) => setHost(value)} />
      </Field>
      <Field label="Port">
        <Input value={port} onChange={(_, { value }) => setPort(value)} inputMode="numeric" />
      </Field>
      <Button type="submit">Ask</Button>
    </form>
  );
};

const Told = ({ factory, told }: { factory: FactoryPlace; told: Explained }) => (
  <>
    <StateBadge state={told.verdict} />
    {told.verdict === 'denied' ? <ErrorCard reasons={[told]} /> : <p>{shortIds(told.message)}</p>}
    <Facts
      rows={[
        ['Code', <code key="code">{told.code}</code>],
        ['Rule', told.rule.says],
        [
          'Endpoint',
          told.endpoint ? (
            <Link key="endpoint" to={`${factory.at}/endpoints/${told.endpoint.name}`}>
              {told.endpoint.name}, {told.endpoint.state}
            </Link>
          ) : (
            'none'
          ),
        ],
        ['The resolver says', resolverWords[told.resolver.answer] ?? told.resolver.answer],
        ...(told.resolver.address ? [['Address', <code key="address">{told.resolver.address}</code>] as const] : []),
      ]}
    />
    {told.probe && (
      <p>
        Tried: the worker saw “{told.probe.seen}”, the gateway recorded{' '}
        <code>{told.probe.gateway?.code ?? 'nothing'}</code>.{' '}
        {told.probe.agrees ? 'That is what the rules say.' : 'That is not what the rules say.'}
      </p>
    )}
  </>
);

/** The panel of a pair. */
export const ExplainDetail = ({
  factory,
  pair,
  runtimes,
  onAsk,
  onClose,
}: {
  factory: FactoryPlace;
  pair: Pair;
  runtimes: readonly string[];
  onAsk(pair: Pair): void;
  onClose(): void;
}) => {
  const path = `${factory.id}/providers/Postern.Network/explain`;
  const body = { host: pair.host, port: pair.port, integrationRuntime: pair.runtime };
  const answer = useAsk<Explained>(path, body);
  const { may } = useRights(factory.id);
  const [tried, setTried] = useState<{ of: string; told: Explained } | null>(null);
  const [isTrying, setTrying] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const key = `${JSON.stringify(body)} ${answer.data?.code}`;
  const attempt = async () => {
    setTrying(true);
    setError(null);
    await call<Explained>({ method: 'POST', path: `${path}?probe=true`, body }).then(
      (told) => setTried({ of: key, told }),
      setError,
    );
    setTrying(false);
  };
  return (
    <Detail title={`${pair.runtime} to ${pair.host}:${pair.port}`} onClose={onClose}>
      <Question key={`${pair.host}:${pair.port}`} pair={pair} runtimes={runtimes} onAsk={onAsk} />
      <Answered of={answer}>
        {(told) => <Told factory={factory} told={tried?.of === key ? tried.told : told} />}
      </Answered>
      {error !== null && <ErrorCard error={error} />}
      <div>
        <GuardedButton may={may(mayProbe)} needs={mayProbe} disabled={isTrying} onClick={() => void attempt()}>
          {isTrying ? <Spinner size="tiny" label="Trying" /> : 'Try it from a new worker'}
        </GuardedButton>
      </div>
    </Detail>
  );
};

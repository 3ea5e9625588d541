// The public door: which public hosts the workers of the managed network may reach.
import { Button, Checkbox, Field, Radio, RadioGroup, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { useRights } from '../../api/permission.ts';
import { useArmOrNone } from '../../api/query.ts';
import { useSend } from '../../api/save.ts';
import type { EgressPolicy } from '../../api/shape.ts';
import { useFactory } from '../../app/factory.ts';
import { ErrorCard } from '../../component/error-card.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Answered, Facts, Page } from '../../component/page.tsx';
import styles from './egress.module.css';

const modes = [
  ['None', 'Closed', 'No public host at all.'],
  ['AllowList', 'A list of hosts', 'Only the hosts below, by their exact names, on TCP port 443.'],
  [
    'Https',
    'Any host on port 443',
    'Any public name on TCP port 443. Storage and data lake hosts still need an endpoint.',
  ],
  [
    'AnyPort',
    'Any host on any port',
    'Any public name on any TCP port. Storage and data lake hosts still need an endpoint.',
  ],
] as const;

type Words = { mode: string; audit: boolean; hosts: string[] };

const usual: Words = { mode: 'Https', audit: false, hosts: [] };
const write = 'Postern.Network/egressPolicies/write';

const PolicyForm = ({ path, policy, may }: { path: string; policy: Words; may: boolean | null }) => {
  const [mode, setMode] = useState(policy.mode);
  const [isAudit, setAudit] = useState(policy.audit);
  const [hosts, setHosts] = useState(policy.hosts.join('\n'));
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const send = useSend();
  const listed = hosts.split(/\s+/).filter((host) => host !== '');
  const wanted: Words = { mode, audit: isAudit, hosts: mode === 'AllowList' ? listed : [] };
  const isSame =
    JSON.stringify(wanted) === JSON.stringify({ mode: policy.mode, audit: policy.audit, hosts: policy.hosts });
  const save = async () => {
    setBusy(true);
    setError(null);
    await send({ method: 'PUT', path, body: { properties: wanted } }).catch(setError);
    setBusy(false);
  };
  const reset = () => {
    setMode(policy.mode);
    setAudit(policy.audit);
    setHosts(policy.hosts.join('\n'));
  };
  return (
    <div className={styles.form}>
      <Field label="Which public hosts may workers reach?">
        <RadioGroup value={mode} onChange={(_, { value }) => setMode(value)} disabled={may === false}>
          {modes.map(([value, title, says]) => (
            <Radio
              key={value}
              value={value}
              label={
                <>
                  <b>{title}</b>
                  <span className={styles.says}>{says}</span>
                </>
              }
            />
          ))}
        </RadioGroup>
      </Field>
      {mode === 'AllowList' && (
        <Field label="Hosts" hint="One name a line, as api.example.com. No wildcards, ports or addresses.">
          <Textarea
            rows={Math.min(16, Math.max(4, listed.length + 1))}
            value={hosts}
            onChange={(_, { value }) => setHosts(value)}
            className={styles.hosts ?? ''}
            disabled={may === false}
            spellCheck={false}
          />
        </Field>
      )}
      <Checkbox
        checked={isAudit}
        disabled={may === false}
        onChange={(_, { checked }) => setAudit(checked === true)}
        label="Only audit: let through what the rule above does not admit, and record it. Endpoints’ rules hold all the same."
      />
      {error !== null && <ErrorCard error={error} />}
      <div className={styles.actions}>
        <GuardedButton
          appearance="primary"
          may={may}
          needs={write}
          disabled={isSame || isBusy}
          onClick={() => void save()}
        >
          {isBusy ? 'Saving…' : 'Save'}
        </GuardedButton>
        {!isSame && <Button onClick={reset}>Discard the changes</Button>}
      </div>
      <p className={styles.says}>
        A change holds from the moment it is saved. Flows that it no longer admits are cut before the button comes back.
      </p>
    </div>
  );
};

/** What somebody reads who may not change it. */
const Told = ({ words: { mode, audit, hosts } }: { words: Words }) => {
  const [, title, says] = modes.find(([value]) => value === mode) ?? [mode, mode, ''];
  return (
    <Facts
      rows={[
        ['Workers may reach', `${title}. ${says}`],
        ...(mode === 'AllowList' ? [['Hosts', <code key="hosts">{hosts.join(', ') || 'none'}</code>] as const] : []),
        [
          'Audit',
          audit ? 'Only audits: what the rule does not admit passes, and is recorded' : 'No: the rule is enforced',
        ],
        [
          'To change it',
          `You may read it, not change it. Whoever is Owner or Contributor of the network may: it takes ${write}.`,
        ],
      ]}
    />
  );
};

/** The egress policy of a factory's managed network. */
export const EgressPage = () => {
  const factory = useFactory();
  const path = `${factory.network}/providers/Postern.Network/egressPolicies/default`;
  const found = useArmOrNone<EgressPolicy>(path);
  const { may, error } = useRights(factory.network);
  const policy = found.data === null ? usual : found.data?.properties;
  // Who may change it sees a form, who may not sees words: neither before it is known who this is.
  const answer =
    may(write) === null ? { ...found, data: undefined, error: found.error ?? error } : { ...found, data: policy };
  return (
    <Page
      title="Public door"
      says="What the managed network lets out to public hosts. Stores are not public hosts: they take an endpoint, whatever stands here."
    >
      {found.data === null && <p>Nobody has set it yet. The default holds: any host on port 443.</p>}
      <Answered of={answer}>
        {(words) =>
          may(write) === false ? (
            <Told words={words} />
          ) : (
            <PolicyForm key={JSON.stringify(words)} path={path} policy={words} may={may(write)} />
          )
        }
      </Answered>
    </Page>
  );
};

import { Field, Select, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { useParams } from 'react-router';
import type { JsonObject } from '../../../../src/base/json.ts';
import { isJsonObject } from '../../../../src/base/json.ts';
import { type LinkedService, type Subject, type TestResult, testConnection } from '../../api/authoring.ts';
import { useRights } from '../../api/permission.ts';
import { useAll } from '../../api/query.ts';
import { connectorOf, connectors, type Shape } from '../../api/schema.ts';
import type { IntegrationRuntime } from '../../api/shape.ts';
import { type FactoryPlace, useFactory } from '../../app/factory.ts';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Answered, Page } from '../../component/page.tsx';
import { SchemaForm } from '../../component/schema-form.tsx';
import { AuthoredPage, titleFor } from './authored.tsx';
import { Browser } from './browser.tsx';
import type { Draft } from './draft.ts';
import styles from './editor.module.css';
import { Editor } from './editor.tsx';
import { linkedServices } from './kind.ts';
import { TestReport } from './test-report.tsx';

type Body = LinkedService['properties'];

// What most people need of each type; the rest is folded away. A connection string says it all.
const whole = ['connectionString', 'fileShare', 'database'];
const parts = [
  'baseUrl',
  'accountEndpoint',
  'accountKey',
  'server',
  'port',
  'database',
  'url',
  'host',
  'greeting',
  'authenticationType',
  'userName',
  'username',
  'password',
];

const usualOf = ({ properties = {} }: Shape) => ('connectionString' in properties ? whole : parts);

const LinkedServiceForm = ({ factory, draft }: { factory: FactoryPlace; draft: Draft<Body> }) => {
  const runtimes = useAll<IntegrationRuntime>(`${factory.id}/integrationRuntimes`).data ?? [];
  const { value, setValue } = draft;
  const connector = connectorOf(value.type);
  const runtime = value.connectVia?.referenceName ?? '';
  const connect = (name: string) => {
    const { connectVia: _, ...others } = value;
    setValue(
      (name === ''
        ? others
        : { ...others, connectVia: { type: 'IntegrationRuntimeReference', referenceName: name } }) as Body,
    );
  };
  return (
    <div className={styles.form}>
      <Field label="Store" required hint={connector?.summary}>
        <Select value={value.type} onChange={(_, { value: type }) => setValue({ ...value, type, typeProperties: {} })}>
          {!connector && <option>{value.type}</option>}
          {connectors.map(({ type }) => (
            <option key={type}>{type}</option>
          ))}
        </Select>
      </Field>
      <Field
        label="Runtime"
        required
        hint="Where the connection is made from. A runtime in the managed network reaches approved endpoints only."
      >
        <Select value={runtime} onChange={(_, { value: name }) => connect(name)}>
          <option value="">The factory’s default runtime</option>
          {runtimes.map(({ name, properties }) => (
            <option key={name} value={name}>
              {name} ({properties.managedVirtualNetwork ? 'managed network' : 'public network'})
            </option>
          ))}
        </Select>
      </Field>
      {connector ? (
        <SchemaForm
          key={value.type}
          shape={connector.typeProperties}
          value={value.typeProperties ?? {}}
          onChange={(typeProperties) => setValue({ ...value, typeProperties })}
          first={usualOf(connector.typeProperties)}
        />
      ) : (
        <p>This type is stored as it is, but runs nowhere here. Its JSON can be edited.</p>
      )}
      <Field label="Description">
        <Textarea
          value={typeof value.description === 'string' ? value.description : ''}
          onChange={(_, { value: description }) => setValue({ ...value, description } as Body)}
        />
      </Field>
    </div>
  );
};

/** Where a store of the type is in its settings: what the draft says about the host that will be dialled. */
const subjectOf = (draft: Draft<Body>, stored: LinkedService | null, name: string): Subject =>
  stored && !draft.isChanged
    ? { referenceName: stored.name }
    : { ...(name !== '' && { name }), properties: draft.value };

const tests = 'Microsoft.DataFactory/factories/authoring/testConnection/action';
const browses = 'Microsoft.DataFactory/factories/authoring/browse/action';

const Work = ({ factory, draft, subject }: { factory: FactoryPlace; draft: Draft<Body>; subject: Subject }) => {
  const [result, setResult] = useState<TestResult | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isTesting, setTesting] = useState(false);
  const [isBrowsing, setBrowsing] = useState(false);
  const { may } = useRights(factory.id);
  const test = async () => {
    setTesting(true);
    setResult(null);
    setError(null);
    await testConnection(factory.id, subject).then(setResult, setError);
    setTesting(false);
  };
  const canBrowse =
    connectorOf(draft.value.type)?.files !== undefined || connectorOf(draft.value.type)?.tables !== undefined;
  return (
    <div className={styles.form}>
      <div className={styles.tools}>
        <GuardedButton may={may(tests)} needs={tests} disabled={isTesting} onClick={() => void test()}>
          {isTesting ? 'Testing…' : 'Test connection'}
        </GuardedButton>
        {canBrowse && (
          <GuardedButton may={may(browses)} needs={browses} onClick={() => setBrowsing(!isBrowsing)}>
            {isBrowsing ? 'Close the browser' : 'Browse the store'}
          </GuardedButton>
        )}
      </div>
      {!result && error === null && !isBrowsing && (
        <p className={styles.hint}>
          Both are done by a worker of the runtime, inside its network: what it cannot reach here, no pipeline reaches.
        </p>
      )}
      <TestReport factory={factory} result={result} error={error} onAgain={() => void test()} />
      {isBrowsing && <Browser factory={factory} subject={subject} />}
    </div>
  );
};

const first = (): Body => ({
  type: connectors[0]?.type ?? 'AzureBlobStorage',
  connectVia: { type: 'IntegrationRuntimeReference', referenceName: 'sealed' },
  typeProperties: {} as JsonObject,
});

/** One linked service. */
export const LinkedServicePage = () => {
  const factory = useFactory();
  const { name = '' } = useParams();
  const runtimes = useAll<IntegrationRuntime>(`${factory.id}/integrationRuntimes`);
  if (!runtimes.data)
    return (
      <Page title={titleFor(linkedServices, name)} isWide>
        <Answered of={runtimes}>{() => null}</Answered>
      </Page>
    );
  const sealed = runtimes.data.find(({ properties }) => isJsonObject(properties.managedVirtualNetwork));
  const begin = first();
  if (!sealed) delete begin.connectVia;
  else begin.connectVia = { type: 'IntegrationRuntimeReference', referenceName: sealed.name };
  return (
    <AuthoredPage<Body> kind={linkedServices}>
      {(stored) => (
        <Editor<Body> key={stored?.id ?? 'new'} factory={factory} kind={linkedServices} stored={stored} first={begin}>
          {(draft, name) => (
            <div className={styles.columns}>
              <LinkedServiceForm factory={factory} draft={draft} />
              <Work factory={factory} draft={draft} subject={subjectOf(draft, stored as LinkedService | null, name)} />
            </div>
          )}
        </Editor>
      )}
    </AuthoredPage>
  );
};

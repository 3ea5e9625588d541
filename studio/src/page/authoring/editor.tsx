// Where a linked service, a dataset or a pipeline is written: form or canvas beside JSON, saved with what was read, so that
// nobody writes over somebody else.
import { Button } from '@fluentui/react-components';
import { type ReactNode, useEffect, useState } from 'react';
import { useBlocker, useNavigate } from 'react-router';
import type { JsonObject } from '../../../../src/base/json.ts';
import { authoringName } from '../../../../src/providers/data-factory/name.ts';
import { call } from '../../api/client.ts';
import { useRights } from '../../api/permission.ts';
import { useSend } from '../../api/save.ts';
import type { Resource } from '../../api/shape.ts';
import type { FactoryPlace } from '../../app/factory.ts';
import { useChoice } from '../../component/choice.ts';
import { ErrorCard } from '../../component/error-card.tsx';
import { FormDialog } from '../../component/form-dialog.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { JsonEditor } from '../../component/json-editor.tsx';
import { Modal, ModalActions } from '../../component/modal.tsx';
import { isName, NameField } from '../../component/name-field.tsx';
import { Actions, Page } from '../../component/page.tsx';
import { Tabs } from '../../component/tabs.tsx';
import { type Draft, useDraft } from './draft.ts';
import styles from './editor.module.css';

/** What is edited: `word` for people, `collection` in the API and `at` in the address. */
export type Authored = { word: string; collection: string; at: string };

const LeaveGuard = ({ isChanged }: { isChanged: boolean }) => {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => isChanged && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!isChanged) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isChanged]);
  if (blocker.state !== 'blocked') return null;
  return (
    <Modal title="Leave without saving?" onClose={() => blocker.reset()}>
      <p>What you wrote here is not saved yet.</p>
      <ModalActions>
        <Button onClick={() => blocker.reset()}>Stay</Button>
        <Button appearance="primary" onClick={() => blocker.proceed()}>
          Leave
        </Button>
      </ModalActions>
    </Modal>
  );
};

/** The editor. `children` draws the form or the canvas; `tools` are further buttons. */
export const Editor = <T extends JsonObject>({
  factory,
  kind,
  stored,
  first,
  tools,
  children,
}: {
  factory: FactoryPlace;
  kind: Authored;
  /** Null for what is new. */
  stored: Resource<T> | null;
  first: T;
  tools?(draft: Draft<T>, name: string): ReactNode;
  children(draft: Draft<T>, name: string): ReactNode;
}) => {
  const draft = useDraft<T>(stored?.properties ?? first);
  const [name, setName] = useState(stored?.name ?? '');
  const [etag, setEtag] = useState(stored?.etag);
  const { chosen, choose } = useChoice();
  const view = chosen('as') ?? 'form';
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const [isSaved, setSaved] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const send = useSend();
  const go = useNavigate();
  const { may } = useRights(factory.id);
  const write = `Microsoft.DataFactory/factories/${kind.collection}/write`;
  const remove = `Microsoft.DataFactory/factories/${kind.collection}/delete`;
  const path = `${factory.id}/${kind.collection}/${encodeURIComponent(name)}`;
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const saved = await send<Resource<T>>({
        method: 'PUT',
        path,
        body: { properties: draft.value },
        ...(etag !== undefined && { etag }),
      });
      draft.settle(saved.properties);
      setEtag(saved.etag);
      setSaved(true);
    } catch (thrown) {
      setError(thrown);
    }
    setBusy(false);
  };
  useEffect(() => {
    if (isSaved && !stored) void go(`${factory.at}/${kind.at}/${encodeURIComponent(name)}`, { replace: true });
  }, [isSaved, stored, go, factory.at, kind.at, name]);
  const isChangedElsewhere = stored?.etag !== undefined && etag !== undefined && stored.etag !== etag && !isBusy;
  const loadTheirs = () => {
    draft.settle(stored!.properties);
    setEtag(stored!.etag);
  };
  const isReady = draft.fault === null && isName(authoringName, name);
  return (
    <Page
      title={stored ? stored.name : `New ${kind.word}`}
      says={stored ? kind.word.charAt(0).toUpperCase() + kind.word.slice(1) : undefined}
      isWide
      actions={
        <>
          {tools?.(draft, name)}
          {stored && (
            <GuardedButton may={may(remove)} needs={remove} onClick={() => setDeleting(true)}>
              Delete
            </GuardedButton>
          )}
          <GuardedButton
            appearance="primary"
            may={may(write)}
            needs={write}
            disabled={!isReady || isBusy || (stored !== null && !draft.isChanged)}
            onClick={() => void save()}
          >
            {isBusy ? 'Saving…' : 'Save'}
          </GuardedButton>
        </>
      }
    >
      {error !== null && <ErrorCard title="It was not saved" error={error} />}
      {isChangedElsewhere && (
        <div className={styles.note} role="status">
          <p>Somebody saved another version meanwhile. Yours is still here.</p>
          <Actions>
            <Button onClick={loadTheirs}>Take theirs</Button>
            <Button onClick={() => setEtag(stored?.etag)}>Keep mine, and save over theirs</Button>
          </Actions>
        </div>
      )}
      {!stored && (
        <div className={styles.name}>
          <NameField rule={authoringName} value={name} onChange={setName} />
        </div>
      )}
      <Tabs
        label="View"
        tabs={[
          ['form', kind.collection === 'pipelines' ? 'Canvas' : 'Form'],
          ['json', 'JSON'],
        ]}
        selected={view}
        onSelect={(as) => choose({ as: as === 'form' ? null : as })}
      />
      {view === 'json' ? (
        <JsonEditor label={`${kind.word} as JSON`} text={draft.text} onChange={draft.setText} fault={draft.fault} />
      ) : draft.fault !== null ? (
        <p>The JSON cannot be read, so there is nothing to draw: {draft.fault}</p>
      ) : (
        children(draft, name)
      )}
      <LeaveGuard isChanged={draft.isChanged && !isBusy && !isDeleting && (stored !== null || !isSaved)} />
      {isDeleting && (
        <FormDialog
          title={`Delete ${name}?`}
          submit="Delete"
          isDanger
          onSubmit={async () => {
            await call({ method: 'DELETE', path });
            await go(`${factory.at}/${kind.at}`);
          }}
          onClose={() => setDeleting(false)}
        >
          <p>It is gone for good. What refers to it keeps it from being deleted.</p>
        </FormDialog>
      )}
    </Page>
  );
};

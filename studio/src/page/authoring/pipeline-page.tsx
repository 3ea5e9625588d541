// A pipeline on its canvas, in step with its JSON; debugged as it stands, run as it is saved.
import { Button } from '@fluentui/react-components';
import { Add16Regular } from '@fluentui/react-icons/svg/add';
import { useEffect, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { type Dataset, debugRun, type LinkedService } from '../../api/authoring.ts';
import { call } from '../../api/client.ts';
import { useRights } from '../../api/permission.ts';
import type { Activity, PipelineBody } from '../../api/pipeline.ts';
import { useAll } from '../../api/query.ts';
import { activities as kinds } from '../../api/schema.ts';
import type { Resource } from '../../api/shape.ts';
import { type FactoryPlace, useFactory } from '../../app/factory.ts';
import { useChoice } from '../../component/choice.ts';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Section } from '../../component/page.tsx';
import { Path } from '../../component/path.tsx';
import { RunOutcome } from '../run/run-outcome.tsx';
import { ActivityForm } from './activity-form.tsx';
import { AuthoredPage } from './authored.tsx';
import styles from './canvas.module.css';
import { Canvas } from './canvas.tsx';
import { lookIn, putIn, type Step } from './container.ts';
import type { Draft } from './draft.ts';
import { Editor } from './editor.tsx';
import { pipelines } from './kind.ts';
import { ParameterForm, RunForm } from './parameter-form.tsx';
import { addActivity, connectActivities, freeName, removeActivity, replaceActivity } from './pipeline-change.ts';

const runs = 'Microsoft.DataFactory/factories/pipelines/createrun/action';
const debugs = 'Microsoft.DataFactory/factories/authoring/debugRun/action';

/** The way into an activity, as the address has it; the whole pipeline where it has none that can be read. */
const readWay = (text: string | null): readonly Step[] => {
  try {
    const found = JSON.parse(text ?? '[]') as Step[];
    const isWay =
      Array.isArray(found) && found.every((step) => typeof step?.name === 'string' && typeof step.key === 'string');
    return isWay ? found : [];
  } catch {
    return [];
  }
};

const Drawing = ({ factory, draft }: { factory: FactoryPlace; draft: Draft<PipelineBody> }) => {
  const { value, setValue } = draft;
  const { chosen: chosenOf, choose } = useChoice();
  const told = chosenOf('edit');
  const inside = chosenOf('inside');
  // Beside the address, which follows: an activity whose name is being typed is the same one all the while.
  const [chosen, setChosen] = useState(told);
  useEffect(() => setChosen(told), [told]);
  const edit = (name: string | null, isStep: boolean) => {
    setChosen(name);
    if (name !== told) choose({ edit: name }, isStep);
  };
  const datasets = useAll<Dataset>(`${factory.id}/datasets`).data ?? [];
  const services = useAll<LinkedService>(`${factory.id}/linkedservices`).data ?? [];
  // Somebody may have taken away in the JSON what the way led into.
  const { way, titles, activities } = lookIn(value, readWay(inside));
  const activity = activities.find(({ name }) => name === chosen);
  const change = (next: Activity[]) => setValue(putIn(value, way, next));
  const go = (to: readonly Step[]) => {
    setChosen(null);
    choose({ inside: to.length === 0 ? null : JSON.stringify(to), edit: null });
  };
  const add = (type: string) => {
    const name = freeName(value, type);
    change(addActivity(activities, type, name, activity?.name ?? null));
    edit(name, false);
  };
  return (
    <div className={styles.layout}>
      <div className={styles.left}>
        <div className={styles.palette}>
          {kinds.map(({ type, summary }) => (
            <Button key={type} size="small" icon={<Add16Regular />} title={summary} onClick={() => add(type)}>
              {type}
            </Button>
          ))}
        </div>
        {way.length > 0 && (
          <Path label="Inside" top="Pipeline" parts={titles} onGo={(depth) => go(way.slice(0, depth))} />
        )}
        <Canvas
          key={titles.join('/')}
          activities={activities}
          selected={chosen}
          onSelect={(name) => edit(name, true)}
          onConnect={(from, to) => change(connectActivities(activities, from, to))}
        />
        <p>
          {activities.length === 0
            ? 'Add an activity from the row above.'
            : 'Choose an activity to change it and what it runs after; or draw from one’s right edge to another’s left.'}
        </p>
      </div>
      {activity ? (
        <Section title={activity.name}>
          <ActivityForm
            beside={activities}
            activity={activity}
            parts={{ datasets, services }}
            onChange={(next) => {
              change(replaceActivity(activities, activity.name, next));
              edit(next.name, false);
            }}
            onRemove={() => {
              change(removeActivity(activities, activity.name));
              edit(null, false);
            }}
            onOpen={(key) => go([...way, { name: activity.name, key }])}
          />
        </Section>
      ) : (
        <ParameterForm pipeline={value} onChange={setValue} />
      )}
    </div>
  );
};

type Asked = { how: 'debug' | 'run'; name: string; pipeline: PipelineBody };

const RunPart = ({
  factory,
  asked,
  onClose,
  onDebug,
}: {
  factory: FactoryPlace;
  asked: Asked;
  onClose(): void;
  onDebug(runId: string): void;
}) => {
  const go = useNavigate();
  const run = async (parameters: Parameters<typeof debugRun>[2]) => {
    if (asked.how === 'debug') {
      const { runId } = await debugRun(
        factory.id,
        { name: asked.name || 'draft', properties: asked.pipeline },
        parameters,
      );
      return onDebug(runId);
    }
    const path = `${factory.id}/pipelines/${encodeURIComponent(asked.name)}/createRun`;
    const { runId } = await call<{ runId: string }>({ method: 'POST', path, body: parameters });
    await go(`${factory.at}/runs/${runId}`);
  };
  return (
    <RunForm
      title={asked.how === 'debug' ? 'Debug it as it stands here' : 'Run it as it is saved'}
      pipeline={asked.pipeline}
      onRun={run}
      onClose={onClose}
    />
  );
};

/** One pipeline. */
export const PipelinePage = () => {
  const factory = useFactory();
  const { may } = useRights(factory.id);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [debugged, setDebugged] = useState<string | null>(null);
  const tools = (stored: Resource<PipelineBody> | null) => (draft: Draft<PipelineBody>, name: string) => (
    <>
      <GuardedButton
        may={may(debugs)}
        needs={debugs}
        disabled={draft.fault !== null || (draft.value.activities ?? []).length === 0}
        onClick={() => setAsked({ how: 'debug', name, pipeline: draft.value })}
      >
        Debug
      </GuardedButton>
      {stored && (
        <GuardedButton
          may={may(runs)}
          needs={runs}
          disabled={draft.isChanged}
          onClick={() => setAsked({ how: 'run', name: stored.name, pipeline: stored.properties })}
        >
          Run
        </GuardedButton>
      )}
    </>
  );
  return (
    <AuthoredPage<PipelineBody> kind={pipelines}>
      {(stored) => (
        <Editor<PipelineBody>
          key={stored?.id ?? 'new'}
          factory={factory}
          kind={pipelines}
          stored={stored}
          first={{ activities: [] }}
          tools={tools(stored)}
        >
          {(draft) => (
            <>
              <Drawing factory={factory} draft={draft} />
              {debugged && (
                <Section title="Debug run" actions={<Link to={`${factory.at}/runs/${debugged}`}>Open the run</Link>}>
                  <RunOutcome factory={factory} runId={debugged} />
                </Section>
              )}
              {asked && (
                <RunPart factory={factory} asked={asked} onClose={() => setAsked(null)} onDebug={setDebugged} />
              )}
            </>
          )}
        </Editor>
      )}
    </AuthoredPage>
  );
};

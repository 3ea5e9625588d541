// One activity of a pipeline: its name, what it waits for, what it works on, and how long it may take.
import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { isJsonObject, type JsonObject } from '../../../../src/base/json.ts';
import type { Dataset, LinkedService } from '../../api/authoring.ts';
import type { Activity } from '../../api/pipeline.ts';
import { activityOf, copySide } from '../../api/schema.ts';
import { Section } from '../../component/page.tsx';
import { SchemaForm } from '../../component/schema-form.tsx';
import styles from './canvas.module.css';
import { innersOf } from './container.ts';
import formStyles from './editor.module.css';

const conditions = ['Succeeded', 'Failed', 'Skipped', 'Completed'];

const objectAt = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
const reference = (name: string) => ({ type: 'DatasetReference', referenceName: name });

type Parts = { datasets: readonly Dataset[]; services: readonly LinkedService[] };

const DatasetChoice = ({
  label,
  value,
  datasets,
  onChange,
}: {
  label: string;
  value: string;
  datasets: readonly Dataset[];
  onChange(name: string): void;
}) => (
  <Field label={label} required hint={datasets.length === 0 ? 'There is no dataset yet.' : undefined}>
    <Select value={value} onChange={(_, { value: name }) => onChange(name)}>
      <option value="">Choose…</option>
      {datasets.map(({ name }) => (
        <option key={name}>{name}</option>
      ))}
    </Select>
  </Field>
);

const sideFor = ({ datasets, services }: Parts, name: string, side: 'source' | 'sink', before: unknown): JsonObject => {
  const dataset = datasets.find((one) => one.name === name);
  const service = services.find((one) => one.name === dataset?.properties.linkedServiceName.referenceName);
  if (!dataset || !service) return objectAt(before);
  const made = copySide(dataset.properties, service.properties, side);
  const old = objectAt(before);
  const keepsStore = objectAt(old.storeSettings).type === made.storeSettings?.type;
  return {
    ...(old.type === made.type ? old : {}),
    ...made,
    ...(keepsStore && made.storeSettings ? { storeSettings: objectAt(old.storeSettings) } : {}),
  };
};

const Data = ({
  activity,
  parts,
  onChange,
}: {
  activity: Activity;
  parts: Parts;
  onChange(activity: Activity): void;
}) => {
  const properties = objectAt(activity.typeProperties);
  if (activity.type === 'Copy')
    return (
      <>
        <DatasetChoice
          label="Source"
          value={activity.inputs?.[0]?.referenceName ?? ''}
          datasets={parts.datasets}
          onChange={(name) =>
            onChange({
              ...activity,
              inputs: [reference(name)],
              typeProperties: { ...properties, source: sideFor(parts, name, 'source', properties.source) },
            })
          }
        />
        <DatasetChoice
          label="Sink"
          value={activity.outputs?.[0]?.referenceName ?? ''}
          datasets={parts.datasets}
          onChange={(name) =>
            onChange({
              ...activity,
              outputs: [reference(name)],
              typeProperties: { ...properties, sink: sideFor(parts, name, 'sink', properties.sink) },
            })
          }
        />
      </>
    );
  if (!activityOf(activity.type)?.typeProperties.properties?.dataset) return null;
  return (
    <DatasetChoice
      label="Dataset"
      value={String(objectAt(properties.dataset).referenceName ?? '')}
      datasets={parts.datasets}
      onChange={(name) =>
        onChange({
          ...activity,
          typeProperties: {
            ...properties,
            dataset: reference(name),
            ...(activity.type === 'Lookup' && { source: sideFor(parts, name, 'source', properties.source) }),
          },
        })
      }
    />
  );
};

const Needs = ({
  beside,
  activity,
  onChange,
}: {
  beside: readonly Activity[];
  activity: Activity;
  onChange(activity: Activity): void;
}) => {
  const others = beside.filter(({ name }) => name !== activity.name);
  const needs = activity.dependsOn ?? [];
  if (others.length === 0) return null;
  return (
    <Section title="Runs after">
      {others.map(({ name }) => {
        const need = needs.find((one) => one.activity === name);
        const without = needs.filter((one) => one.activity !== name);
        return (
          <div key={name} className={styles.dependency}>
            <Checkbox
              label={name}
              checked={need !== undefined}
              onChange={(_, { checked }) =>
                onChange({
                  ...activity,
                  dependsOn:
                    checked === true ? [...without, { activity: name, dependencyConditions: ['Succeeded'] }] : without,
                })
              }
            />
            {need && (
              <Select
                size="small"
                aria-label={`When ${name}`}
                value={need.dependencyConditions[0] ?? 'Succeeded'}
                onChange={(_, { value }) =>
                  onChange({ ...activity, dependsOn: [...without, { activity: name, dependencyConditions: [value] }] })
                }
              >
                {conditions.map((condition) => (
                  <option key={condition}>{condition}</option>
                ))}
              </Select>
            )}
          </div>
        );
      })}
    </Section>
  );
};

const Inside = ({ activity, onOpen }: { activity: Activity; onOpen(key: string): void }) => {
  const inners = innersOf(activity);
  if (inners.length === 0) return null;
  return (
    <Section title="Inside">
      {inners.map(({ key, title, activities }) => (
        <div key={key}>
          <Button onClick={() => onOpen(key)}>
            {title} ({activities.length})
          </Button>
        </div>
      ))}
    </Section>
  );
};

/** The form of the chosen activity. `beside` are those of its list; `onOpen` opens a list inside it. */
export const ActivityForm = ({
  beside,
  activity,
  parts,
  onChange,
  onRemove,
  onOpen,
}: {
  beside: readonly Activity[];
  activity: Activity;
  parts: Parts;
  onChange(activity: Activity): void;
  onRemove(): void;
  onOpen(key: string): void;
}) => {
  const known = activityOf(activity.type);
  const properties = objectAt(activity.typeProperties);
  const policy = objectAt(activity.policy);
  const { source: _, sink: __, dataset: ___, ...rest } = known?.typeProperties.properties ?? {};
  const settings =
    activity.type === 'Copy' || activity.type === 'Lookup' || properties.dataset !== undefined
      ? rest
      : (known?.typeProperties.properties ?? {});
  const required = known?.typeProperties.required ?? [];
  return (
    <div className={formStyles.form}>
      <p>{known?.summary ?? 'This type is kept as it is. Change it as JSON.'}</p>
      <Field label="Name" required>
        <Input
          value={activity.name}
          onChange={(_event, { value }) => value !== '' && onChange({ ...activity, name: value })}
        />
      </Field>
      <Data activity={activity} parts={parts} onChange={onChange} />
      <SchemaForm
        key={activity.type}
        shape={{ properties: settings, required: required.filter((name) => name in settings) }}
        value={properties}
        onChange={(next) => onChange({ ...activity, typeProperties: next })}
        first={['name', 'fieldList', 'firstRowOnly', 'waitTimeInSeconds', 'recursive']}
      />
      <Inside activity={activity} onOpen={onOpen} />
      <Needs beside={beside} activity={activity} onChange={onChange} />
      {activity.type !== 'Wait' && innersOf(activity).length === 0 && (
        <Section title="Limits">
          <Field label="Timeout" hint="d.hh:mm:ss, as 0.12:00:00">
            <Input
              value={typeof policy.timeout === 'string' ? policy.timeout : ''}
              onChange={(_event, { value: timeout }) => onChange({ ...activity, policy: { ...policy, timeout } })}
            />
          </Field>
          <Field label="Retries">
            <Input
              inputMode="numeric"
              value={policy.retry === undefined ? '' : String(policy.retry)}
              onChange={(_event, { value }) =>
                onChange({ ...activity, policy: { ...policy, retry: Number(value) || 0 } })
              }
            />
          </Field>
        </Section>
      )}
      <div>
        <Button onClick={onRemove}>Remove the activity</Button>
      </div>
    </div>
  );
};

// The parameters of a pipeline, and their values for one run.
import { Button, Field, Input, Select } from '@fluentui/react-components';
import { Delete20Regular } from '@fluentui/react-icons/svg/delete';
import { useState } from 'react';
import type { Json, JsonObject } from '../../../../src/base/json.ts';
import type { PipelineBody } from '../../api/pipeline.ts';
import { FormDialog } from '../../component/form-dialog.tsx';
import { Section } from '../../component/page.tsx';
import styles from './canvas.module.css';
import { defaultsOf } from './pipeline-change.ts';

const types = ['String', 'Int', 'Float', 'Bool', 'Array', 'Object'];

const shownOf = (value: Json | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** A value as its type reads it; what cannot be read so stays text, and the server says what is wrong. */
export const readValue = (type: string, text: string): Json => {
  if (/^string$/i.test(type)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
};

/** What parameters there are, and what they begin with. */
export const ParameterForm = ({
  pipeline,
  onChange,
}: {
  pipeline: PipelineBody;
  onChange(pipeline: PipelineBody): void;
}) => {
  const [name, setName] = useState('');
  const parameters = pipeline.parameters ?? {};
  const set = (next: PipelineBody['parameters']) => onChange({ ...pipeline, parameters: next ?? {} });
  return (
    <Section title="Parameters">
      {Object.entries(parameters).map(([one, { type, defaultValue }]) => (
        <div key={one} className={styles.parameter}>
          <code>{one}</code>
          <Select
            aria-label={`Type of ${one}`}
            value={type}
            onChange={(_, { value }) => set({ ...parameters, [one]: { type: value } })}
          >
            {types.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
          <Input
            aria-label={`Default of ${one}`}
            placeholder="No default"
            value={shownOf(defaultValue)}
            onChange={(_, { value }) =>
              set({ ...parameters, [one]: value === '' ? { type } : { type, defaultValue: readValue(type, value) } })
            }
          />
          <Button
            appearance="subtle"
            icon={<Delete20Regular />}
            aria-label={`Remove ${one}`}
            onClick={() => {
              const { [one]: _, ...others } = parameters;
              set(others);
            }}
          />
        </div>
      ))}
      <div className={styles.dependency}>
        <Input
          aria-label="Name of a new parameter"
          placeholder="New parameter"
          value={name}
          onChange={(_, { value }) => setName(value)}
        />
        <Button
          disabled={!/^\w+$/.test(name) || name in parameters}
          onClick={() => {
            set({ ...parameters, [name]: { type: 'String' } });
            setName('');
          }}
        >
          Add
        </Button>
      </div>
    </Section>
  );
};

/** Asks for the values of one run. */
export const RunForm = ({
  title,
  pipeline,
  onRun,
  onClose,
}: {
  title: string;
  pipeline: PipelineBody;
  onRun(parameters: JsonObject): Promise<unknown>;
  onClose(): void;
}) => {
  const entries = Object.entries(pipeline.parameters ?? {});
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(Object.entries(defaultsOf(pipeline)).map(([name, value]) => [name, shownOf(value)])),
  );
  const given = (): JsonObject =>
    Object.fromEntries(
      entries.flatMap(([name, { type }]) => {
        const text = values[name];
        return text === undefined || text === '' ? [] : [[name, readValue(type, text)]];
      }),
    );
  return (
    <FormDialog title={title} submit="Run" onSubmit={() => onRun(given())} onClose={onClose}>
      {entries.length === 0 && <p>The pipeline takes no parameters.</p>}
      {entries.map(([name, { type, defaultValue }]) => (
        <Field key={name} label={`${name} (${type})`} required={defaultValue === undefined}>
          <Input value={values[name] ?? ''} onChange={(_, { value }) => setValues({ ...values, [name]: value })} />
        </Field>
      ))}
    </FormDialog>
  );
};

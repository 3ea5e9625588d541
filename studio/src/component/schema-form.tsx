// A form made of the schema that the server validates with. What a field cannot say is said as JSON.
import { Button, Field, Input, Select, Switch } from '@fluentui/react-components';
import { useState } from 'react';
import { isJsonObject, type Json, type JsonObject } from '../../../src/base/json.ts';
import type { Shape } from '../api/schema.ts';
import { JsonEditor, jsonFault } from './json-editor.tsx';
import styles from './schema-form.module.css';

type Kind = 'text' | 'secret' | 'flag' | 'count' | 'choice' | 'group' | 'fixed' | 'json';

const isSecretShape = ({ properties }: Shape) =>
  properties?.type?.enum?.includes('SecureString') === true || properties?.type?.const === 'AzureKeyVaultSecret';

const kindOf = (shape: Shape): Kind => {
  if (shape.const !== undefined) return 'fixed';
  if (shape.enum) return 'choice';
  const all = [shape, ...(shape.anyOf ?? [])];
  const has = (type: string) => all.some((one) => one.type === type);
  if (all.some(isSecretShape)) return 'secret';
  if (has('boolean')) return 'flag';
  if (has('integer') || has('number')) return 'count';
  if (has('array')) return 'json';
  if (has('string')) return 'text';
  return shape.properties && Object.keys(shape.properties).length > 0 ? 'group' : 'json';
};

/** `folderPath` as `Folder path`. */
export const titleOf = (name: string): string => {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** What a field shows of a value: the text of an expression, nothing of a secret that is kept elsewhere. */
const shownOf = (value: Json | undefined): string => {
  if (isJsonObject(value)) return typeof value.value === 'string' ? value.value : '';
  return value === undefined || value === null ? '' : String(value);
};

const writtenAs = (kind: Kind, text: string): Json | undefined => {
  if (text === '') return undefined;
  if (text.startsWith('@')) return { type: 'Expression', value: text };
  if (kind === 'secret') return { type: 'SecureString', value: text };
  return kind === 'count' && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
};

type FieldProps = {
  name: string;
  shape: Shape;
  value: Json | undefined;
  isRequired: boolean;
  onChange(value: Json | undefined): void;
};

const JsonField = ({ name, value, onChange }: FieldProps) => {
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2));
  const parse = (next: string) => {
    setText(next);
    if (next.trim() === '') return onChange(undefined);
    try {
      onChange(JSON.parse(next) as Json);
    } catch {
      // Said below the field; the last value that could be read stays.
    }
  };
  const fault = text.trim() === '' || !text.trim().startsWith('{') ? null : jsonFault(text);
  return (
    <Field label={`${titleOf(name)} (JSON)`}>
      <JsonEditor label={titleOf(name)} text={text} onChange={parse} fault={fault} />
    </Field>
  );
};

const SecretField = ({ name, value, isRequired, onChange }: FieldProps) => {
  const isVault = isJsonObject(value) && value.type === 'AzureKeyVaultSecret';
  const [isPlain] = useState(typeof value === 'string' && value !== '' && !/^\*+$/.test(value));
  if (isVault)
    return (
      <Field label={titleOf(name)} hint="A secret in a key vault. Change it as JSON.">
        <div className={styles.inline}>
          <Input
            readOnly
            value={`${shownOf(value.secretName)} in ${isJsonObject(value.store) ? String(value.store.referenceName) : '?'}`}
          />
          <Button onClick={() => onChange(undefined)}>Clear</Button>
        </div>
      </Field>
    );
  const kept = isJsonObject(value) && value.value === undefined;
  return (
    <Field
      label={titleOf(name)}
      required={isRequired}
      hint={kept ? 'A secret is kept. Type to replace it.' : undefined}
    >
      <Input
        type={isPlain ? 'text' : 'password'}
        value={shownOf(value)}
        autoComplete="off"
        onChange={(_, { value: next }) => onChange(isPlain ? next || undefined : writtenAs('secret', next))}
      />
    </Field>
  );
};

const OneField = (props: FieldProps) => {
  const { name, shape, value, isRequired, onChange } = props;
  const kind = kindOf(shape);
  switch (kind) {
    case 'fixed':
      return null;
    case 'json':
      return <JsonField {...props} />;
    case 'secret':
      return <SecretField {...props} />;
    case 'flag':
      return (
        <Switch
          label={titleOf(name)}
          checked={value === true || value === 'true'}
          onChange={(_, { checked }) => onChange(checked)}
        />
      );
    case 'choice':
      return (
        <Field label={titleOf(name)} required={isRequired}>
          <Select value={shownOf(value)} onChange={(_, { value: next }) => onChange(next === '' ? undefined : next)}>
            <option value="" />
            {shape.enum!.map((one) => (
              <option key={String(one)}>{String(one)}</option>
            ))}
          </Select>
        </Field>
      );
    case 'group':
      return (
        <fieldset className={styles.group}>
          <legend>{titleOf(name)}</legend>
          <SchemaForm shape={shape} value={isJsonObject(value) ? value : {}} onChange={onChange} />
        </fieldset>
      );
    default:
      return (
        <Field label={titleOf(name)} required={isRequired}>
          <Input
            value={shownOf(value)}
            contentAfter={
              isJsonObject(value) && value.type === 'Expression' ? <code title="An expression">fx</code> : undefined
            }
            onChange={(_, { value: next }) => onChange(writtenAs(kind, next))}
            spellCheck={false}
          />
        </Field>
      );
  }
};

/** Fields for the properties of a shape. `first` names those shown at once; the rest are folded away while empty. */
export const SchemaForm = ({
  shape,
  value,
  onChange,
  first,
}: {
  shape: Shape;
  value: JsonObject;
  onChange(value: JsonObject): void;
  first?: readonly string[];
}) => {
  const names = Object.keys(shape.properties ?? {}).filter((name) => name !== 'type');
  const [atOnce] = useState(
    () =>
      new Set(
        names.filter(
          (name) => !first || first.includes(name) || shape.required?.includes(name) || value[name] !== undefined,
        ),
      ),
  );
  const field = (name: string) => (
    <OneField
      key={name}
      name={name}
      shape={shape.properties![name]!}
      value={value[name]}
      isRequired={shape.required?.includes(name) ?? false}
      onChange={(next) => {
        const { [name]: _, ...others } = value;
        onChange(next === undefined ? others : { ...others, [name]: next });
      }}
    />
  );
  const rest = names.filter((name) => !atOnce.has(name));
  return (
    <div className={styles.form}>
      {names.filter((name) => atOnce.has(name)).map(field)}
      {rest.length > 0 && (
        <details>
          <summary>More settings ({rest.length})</summary>
          <div className={styles.form}>{rest.map(field)}</div>
        </details>
      )}
    </div>
  );
};

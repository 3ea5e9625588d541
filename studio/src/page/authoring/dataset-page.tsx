import { Field, Select } from '@fluentui/react-components';
import { useState } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { isJsonObject, type JsonObject } from '../../../../src/base/json.ts';
import type { BrowseItem, Dataset, LinkedService } from '../../api/authoring.ts';
import { useAll } from '../../api/query.ts';
import { connectorOf, datasetKinds } from '../../api/schema.ts';
import { type FactoryPlace, useFactory } from '../../app/factory.ts';
import { Answered, Page } from '../../component/page.tsx';
import { SchemaForm } from '../../component/schema-form.tsx';
import { AuthoredPage, titleFor } from './authored.tsx';
import { Browser } from './browser.tsx';
import type { Draft } from './draft.ts';
import styles from './editor.module.css';
import { Editor } from './editor.tsx';
import { datasets } from './kind.ts';
import { Preview } from './preview.tsx';

type Body = Dataset['properties'];

const objectAt = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

/** A browsed path as the fields of a location: what comes first is the container, share or file system. */
const locationFor = (fields: readonly string[], item: BrowseItem): JsonObject => {
  const parts = item.path.split('/').filter((part) => part !== '');
  const isFile = item.kind === 'File';
  const top = fields.find((name) => name === 'container' || name === 'fileSystem');
  const root = top ? parts.shift() : undefined;
  const file = isFile ? parts.pop() : undefined;
  return {
    ...(top && root !== undefined && { [top]: root }),
    ...(parts.length > 0 && { folderPath: parts.join('/') }),
    ...(file !== undefined && { fileName: file }),
  };
};

const tableFor = (shapeFields: readonly string[], item: BrowseItem): JsonObject => {
  const field = shapeFields.find((name) => /table|collection|container/i.test(name));
  return field ? { [field]: item.name } : {};
};

const DatasetForm = ({
  factory,
  draft,
  services,
}: {
  factory: FactoryPlace;
  draft: Draft<Body>;
  services: readonly LinkedService[];
}) => {
  const { value, setValue } = draft;
  const [isBrowsing, setBrowsing] = useState(false);
  const service = services.find(({ name }) => name === value.linkedServiceName.referenceName);
  const connector = service && connectorOf(service.properties.type);
  const fits = datasetKinds.filter((one) =>
    one.connector ? one.connector.type === connector?.type : connector?.files !== undefined,
  );
  const kind = datasetKinds.find(({ type }) => type === value.type);
  const typeProperties = objectAt(value.typeProperties);
  const location = objectAt(typeProperties.location);
  const setProperties = (next: JsonObject) => setValue({ ...value, typeProperties: next });
  const setLocation = (next: JsonObject) =>
    setProperties({ ...typeProperties, location: { type: connector?.files?.location ?? '', ...next } });
  const choose = (item: BrowseItem) => {
    if (kind?.connector)
      setProperties({ ...typeProperties, ...tableFor(Object.keys(kind.shape.properties ?? {}), item) });
    else setLocation(locationFor(Object.keys(connector?.files?.locationSchema.properties ?? {}), item));
    setBrowsing(false);
  };
  const isOfFiles = kind !== undefined && kind.connector === null && connector?.files !== undefined;
  const { location: _, ...others } = typeProperties;
  return (
    <div className={styles.form}>
      <Field
        label="Linked service"
        required
        hint={services.length === 0 ? 'There is none yet. Make one first.' : connector?.summary}
      >
        <Select
          value={value.linkedServiceName.referenceName}
          onChange={(_event, { value: referenceName }) =>
            setValue({
              ...value,
              linkedServiceName: { type: 'LinkedServiceReference', referenceName },
              typeProperties: {},
            })
          }
        >
          <option value="">Choose…</option>
          {services.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      </Field>
      <Field label="Form" required hint={kind?.says}>
        <Select value={value.type} onChange={(_event, { value: type }) => setValue({ ...value, type })}>
          {!fits.some(({ type }) => type === value.type) && <option>{value.type}</option>}
          {fits.map(({ type }) => (
            <option key={type}>{type}</option>
          ))}
        </Select>
      </Field>
      {isOfFiles && (
        <fieldset className={styles.group}>
          <legend>Where it is</legend>
          <SchemaForm
            key={connector.type}
            shape={connector.files!.locationSchema}
            value={location}
            onChange={setLocation}
          />
        </fieldset>
      )}
      {service && (
        <details open={isBrowsing} onToggle={(event) => setBrowsing(event.currentTarget.open)}>
          <summary>Pick it from the store</summary>
          {isBrowsing && <Browser factory={factory} subject={{ referenceName: service.name }} onChoose={choose} />}
        </details>
      )}
      {kind && (
        <SchemaForm
          key={value.type}
          shape={kind.shape}
          value={kind.connector ? typeProperties : others}
          onChange={(next) => setProperties(kind.connector || !typeProperties.location ? next : { location, ...next })}
        />
      )}
    </div>
  );
};

/** One dataset. */
export const DatasetPage = () => {
  const factory = useFactory();
  const [search] = useSearchParams();
  const { name = '' } = useParams();
  const services = useAll<LinkedService>(`${factory.id}/linkedservices`);
  if (!services.data)
    return (
      <Page title={titleFor(datasets, name)} isWide>
        <Answered of={services}>{() => null}</Answered>
      </Page>
    );
  const first: Body = {
    type: 'DelimitedText',
    linkedServiceName: { type: 'LinkedServiceReference', referenceName: search.get('service') ?? '' },
    typeProperties: {},
  };
  return (
    <AuthoredPage<Body> kind={datasets}>
      {(stored) => (
        <Editor<Body> key={stored?.id ?? 'new'} factory={factory} kind={datasets} stored={stored} first={first}>
          {(draft) => (
            <div className={styles.columns}>
              <DatasetForm factory={factory} draft={draft} services={services.data} />
              <Preview
                factory={factory}
                subject={stored && !draft.isChanged ? { referenceName: stored.name } : { properties: draft.value }}
              />
            </div>
          )}
        </Editor>
      )}
    </AuthoredPage>
  );
};

// What the server validates with: the types that run here and the shape of each, read from its own registries.
import served from 'virtual:postern-schema';

/** A JSON Schema, as far as forms need it. */
export type Shape = {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
};

type Connector = {
  type: string;
  summary: string;
  typeProperties: Shape;
  files?: { location: string; locationSchema: Shape; readSettings: string; writeSettings: string | null };
  tables?: { dataset: string; datasetSchema: Shape; source: string; sink: string | null };
};
type Format = { type: string; source: string; sink: string; summary: string; typeProperties: Shape };
type Activity = { type: string; summary: string; typeProperties: Shape };

/** The registries. */
export type ServerSchema = { connectors: Connector[]; formats: Format[]; activities: Activity[] };

const wait: Activity = {
  type: 'Wait',
  summary: 'Waits.',
  typeProperties: {
    type: 'object',
    required: ['waitTimeInSeconds'],
    properties: { waitTimeInSeconds: { type: 'number' } },
  },
};

/** Stores that linked services may lead to. */
export const connectors: readonly Connector[] = served.connectors;
/** Formats of files. */
export const formats: readonly Format[] = served.formats;
/** Activities that somebody may put into a pipeline. */
export const activities: readonly Activity[] = [
  ...served.activities,
  ...(served.activities.some(({ type }) => type === 'Wait') ? [] : [wait]),
];

/** The connector of a linked service's type. */
export const connectorOf = (type: string): Connector | undefined => connectors.find((one) => one.type === type);

/** The activity of a type. */
export const activityOf = (type: string): Activity | undefined => activities.find((one) => one.type === type);

/** One type of dataset: of files in a format, of bytes, or of a store's tables. */
export type DatasetKind = { type: string; says: string; shape: Shape; connector: Connector | null };

const binary: DatasetKind = { type: 'Binary', says: 'Files as bytes.', shape: { properties: {} }, connector: null };

/** The types of dataset that there are. */
export const datasetKinds: readonly DatasetKind[] = [
  ...formats.map(({ type, summary, typeProperties }) => ({
    type,
    says: summary,
    shape: typeProperties,
    connector: null,
  })),
  ...(formats.some(({ type }) => type === 'Binary') ? [] : [binary]),
  ...connectors.flatMap((connector) =>
    connector.tables
      ? [{ type: connector.tables.dataset, says: connector.summary, shape: connector.tables.datasetSchema, connector }]
      : [],
  ),
];

/** The source and sink of a copy that reads or writes a dataset. */
export const copySide = (
  dataset: { type: string },
  service: { type: string },
  side: 'source' | 'sink',
): { type: string; storeSettings?: { type: string } } => {
  const connector = connectorOf(service.type);
  const format = formats.find(({ type }) => type === dataset.type);
  if (connector?.tables?.dataset === dataset.type) return { type: connector.tables[side] ?? '' };
  const type = format?.[side] ?? (side === 'source' ? `${dataset.type}Source` : `${dataset.type}Sink`);
  const settings = side === 'source' ? connector?.files?.readSettings : connector?.files?.writeSettings;
  return settings ? { type, storeSettings: { type: settings } } : { type };
};

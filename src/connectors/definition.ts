import type { TSchema } from 'typebox';
import type { Database } from './database/session.ts';
import type { FileStore } from './file-store.ts';
import type { LookModule } from './look.ts';
import type { Properties } from './property.ts';
import type { Loading } from './row/loading.ts';
import type { RowSink, RowSource, TableFacts } from './row/row-store.ts';

/** How a connector that holds files opens one root of its store. */
export type FileStoreModule = {
  /** `digests`: what is written carries a digest that the store checks, beside what TLS checks on the way. */
  openFileStore(linkedService: Properties, location: Properties, options?: { digests: boolean }): FileStore;
};

/** What a connector that holds files adds: the types that datasets and activities name it by. */
export type FileCapability = {
  /** `location.type` of a dataset. */
  location: string;
  /** The property of a location that names the store's root, where there is one: a path's first part elsewhere. */
  root?: string;
  /** The schema of such a location. */
  locationSchema: TSchema;
  /** `storeSettings.type` of a source and of a sink; null where the store cannot do it. */
  readSettings: string | null;
  writeSettings: string | null;
  open(): Promise<FileStoreModule>;
};

/** A table as a dataset names it: its linked service, its `typeProperties`, and the columns of its `schema`. */
export type TableAddress = { linkedService: Properties; dataset: Properties; schema: readonly Properties[] };

/** How a connector that holds tables opens one. Nothing is sent before the first call. */
export type TableModule = {
  /** `settings` are those of a copy's or a lookup's source. */
  openRowSource(address: TableAddress, settings: Properties): RowSource;
  openRowSink(address: TableAddress, settings: Properties): RowSink;
  readFacts(address: TableAddress, signal: AbortSignal): Promise<TableFacts>;
};

/** What a connector that holds tables adds: the types that datasets and activities name it by. */
export type TableCapability = {
  /** `type` of a dataset, and the schema of its `typeProperties`. */
  dataset: string;
  datasetSchema: TSchema;
  /** `type` of a source and of a sink; null where the store cannot do it. */
  source: string;
  sink: string | null;
  /** What the settings of such a sink say of how its rows are loaded. Pure; absent: they cannot say anything. */
  readLoading?(settings: Properties): Loading;
  open(): Promise<TableModule>;
};

/** How a connector that runs statements opens a database. Nothing is sent before `connect`. */
export type StatementModule = { openDatabase(linkedService: Properties): Database };

/** What a connector adds whose store runs statements for activities. */
export type StatementCapability = { open(): Promise<StatementModule> };

/** A kind of store: one folder, one line in the registry. Its client is loaded in the worker only. */
export type ConnectorDefinition = {
  /** Azure's linked service type. */
  type: string;
  /** One sentence for documentation. */
  summary: string;
  /** Schema of the linked service's `typeProperties`; unknown properties are kept. */
  typeProperties: TSchema;
  files?: FileCapability;
  tables?: TableCapability;
  /** How one looks around in it, and tests a linked service. */
  look: () => Promise<LookModule>;
  statements?: StatementCapability;
};

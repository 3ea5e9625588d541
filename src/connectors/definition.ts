import type { TSchema } from 'typebox';
import type { FileStore } from './file-store.ts';
import type { Properties } from './property.ts';

/** How a connector that holds files opens one root of its store. */
export type FileStoreModule = {
  /** `digests`: what is written carries a digest that the store checks, beside what TLS checks on the way. */
  openFileStore(linkedService: Properties, location: Properties, options?: { digests: boolean }): FileStore;
};

/** What a connector that holds files adds: the types that datasets and activities name it by. */
export type FileCapability = {
  /** `location.type` of a dataset. */
  location: string;
  /** The schema of such a location. */
  locationSchema: TSchema;
  /** `storeSettings.type` of a source and of a sink; null where the store cannot do it. */
  readSettings: string | null;
  writeSettings: string | null;
  open(): Promise<FileStoreModule>;
};

/** A kind of store: one folder, one line in the registry. Its client is loaded in the worker only. */
export type ConnectorDefinition = {
  /** Azure's linked service type. */
  type: string;
  /** One sentence for documentation. */
  summary: string;
  /** Schema of the linked service's `typeProperties`; unknown properties are kept. */
  typeProperties: TSchema;
  files?: FileCapability;
};

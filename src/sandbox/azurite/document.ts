// What Azurite keeps about blobs, as far as the other face of the same data (Data Lake) reads and writes it.

/** A part of one of Azurite's data files. */
export type Extent = { id: string; offset: number; count: number };

/** A container. `access` is Data Lake's, of the root folder; Azurite keeps it untouched. */
export type ContainerDocument = {
  accountName: string;
  name: string;
  metadata?: Record<string, string>;
  properties: Record<string, unknown> & { etag: string; lastModified: Date | string };
  containerAcl?: { id: string; accessPolicy?: { start?: string; expiry?: string; permission?: string } }[];
  access?: unknown;
};

/** A block of a blob: sent but not yet part of it, or one of its `committedBlocksInOrder`. */
export type BlockDocument = {
  accountName: string;
  containerName: string;
  blobName: string;
  isCommitted: boolean;
  name: string;
  size: number;
  persistency: Extent;
};

/** A blob. Dates are text once they were read from disk. */
export type BlobDocument = {
  deleted: boolean;
  accountName: string;
  containerName: string;
  name: string;
  snapshot: string;
  isCommitted: boolean;
  metadata?: Record<string, string>;
  properties: {
    creationTime: Date | string;
    lastModified: Date | string;
    etag: string;
    contentLength: number;
    contentType?: string | undefined;
    contentEncoding?: string | undefined;
    contentLanguage?: string | undefined;
    contentDisposition?: string | undefined;
    cacheControl?: string | undefined;
    contentMD5?: Record<number, number> | undefined;
    blobType: string;
    leaseState?: string;
    leaseStatus?: string;
    serverEncrypted?: boolean;
    accessTier?: string;
    accessTierInferred?: boolean;
    accessTierChangeTime?: Date | string;
  };
  persistency?: Extent;
  committedBlocksInOrder?: BlockDocument[];
  leaseId?: string;
  leaseExpireTime?: Date | string;
  access?: unknown;
};

/** A collection of Azurite's database in memory. What changes is on disk once `saved` resolves. */
export type Documents<Document> = {
  data: Document[];
  findOne(query: Partial<Document>): Document | null;
  find(query: Partial<Document>): Document[];
  insert(document: Document): Document;
  update(document: Document): void;
  remove(document: Document): void;
};

/** Where Azurite keeps bytes. */
export type ExtentStore = {
  /** Resolves once the bytes are on disk; counts what came, also where the stream ended early. */
  appendExtent(data: NodeJS.ReadableStream): Promise<Extent>;
  readExtents(extents: Extent[], offset: number, count: number): Promise<NodeJS.ReadableStream>;
};

/** The blobs of one account, as Azurite holds them. */
export type BlobDocuments = {
  containers: Documents<ContainerDocument>;
  blobs: Documents<BlobDocument>;
  blocks: Documents<BlockDocument>;
  extents: ExtentStore;
};

// What a process that serves storage accounts is told.

import type { IssuedCertificate } from '../certificate-authority.ts';

/** A sub-resource of a storage account that Azurite serves. */
export type AzuriteService = 'blob' | 'queue' | 'table';

export const azuriteServices: readonly AzuriteService[] = ['blob', 'queue', 'table'];

/** A sub-resource of a storage account. */
export type StorageService = AzuriteService | 'dfs' | 'file';

/** The sub-resources of a storage account that run today, in reading order. */
export const storageServices: readonly StorageService[] = [...azuriteServices, 'dfs', 'file'];

/**
 * Where an account listens: its sub-resources, each by itself, and `lake`, which is no sub-resource: `dfs` and `blob` at
 * one port, for clients on this machine, since a Data Lake client asks both hosts and an address has one port.
 */
export const storageListeners = [...storageServices, 'lake'] as const;
export type StorageListener = (typeof storageListeners)[number];

/** A loopback port by listener. */
export type ListenerPorts = Readonly<Record<StorageListener, number>>;

/** An account to serve. `folder` exists; a port of 0 means any. */
export type AccountOrder = {
  name: string;
  keys: readonly string[];
  /** Whether it has a hierarchical namespace: folders of their own. It stays as it was made. */
  isHierarchical: boolean;
  folder: string;
  certificate: IssuedCertificate;
  ports: ListenerPorts;
  /** Who signs tokens (a JSON Web Key), and of which tenant they must be. Without it no token is taken. */
  trust?: { key: Readonly<Record<string, unknown>>; tenantId: string };
};

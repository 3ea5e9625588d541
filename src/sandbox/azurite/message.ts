// What a process that serves storage accounts is told.

import type { IssuedCertificate } from '../certificate-authority.ts';

/** A sub-resource of a storage account that Azurite serves. */
export type StorageService = 'blob' | 'queue' | 'table';

/** The sub-resources of a storage account that run today, in reading order. */
export const storageServices: readonly StorageService[] = ['blob', 'queue', 'table'];

/** A loopback port by sub-resource. */
export type ServicePorts = Readonly<Record<StorageService, number>>;

/** An account to serve. `folder` exists; a port of 0 means any. */
export type AccountOrder = {
  name: string;
  keys: readonly string[];
  folder: string;
  certificate: IssuedCertificate;
  ports: ServicePorts;
};

// What the sandbox says to a store process and hears from it, over Node's channel of a forked process.

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

/** To the store process. `start` of an account that runs gives it its (new) keys. */
export type StoreRequest =
  | { id: number; kind: 'start'; account: AccountOrder }
  | { id: number; kind: 'stop'; name: string }
  | { id: number; kind: 'close' };

/** From the store process: `ready` once, then one answer per request, and what went wrong in between. */
export type StoreReply =
  | { kind: 'ready' }
  | { kind: 'done'; id: number; ports?: ServicePorts }
  | { kind: 'failed'; id: number; message: string; code?: string }
  | { kind: 'trouble'; message: string };

// The real network for tests of the API: workers in it run test/network/jailed-caller.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SealedNetwork } from '../../src/network/sealed-network.ts';
import { type CertificateAuthority, openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { startForCallers } from '../network/start-sealed.ts';

/** A sealed network, and the authority that its workers trust. */
export type OpenSealedNetwork = { network: SealedNetwork; authority: CertificateAuthority; close(): Promise<void> };

/** Starts a sealed network. */
export const openSealedNetwork = async (): Promise<OpenSealedNetwork> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-sealed-'));
  const authority = await openCertificateAuthority(folder);
  const network = await startForCallers(authority.caFile);
  return {
    network,
    authority,
    close: async () => {
      await network.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

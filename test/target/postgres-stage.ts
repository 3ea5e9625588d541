// A real PostgreSQL for activities that run in this process: its name leads to loopback, its certificate is trusted.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../src/base/json.ts';
import type { ResolvedDataset, ResolvedLinkedService } from '../../src/connectors/resolved.ts';
import { openCertificateAuthority } from '../../src/sandbox/certificate-authority.ts';
import { leadToLoopback } from '../loopback.ts';
import { startPostgres } from './postgres-server.ts';

const host = 'db.corp.example';

/** Starts it. Names below corp.example lead to loopback from then on, in this process; one alone is in the certificate. */
export const openPostgresStage = async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'postern-postgres-stage-'));
  const authority = await openCertificateAuthority(path.join(root, 'ca'));
  const leave = leadToLoopback({ caFile: authority.caFile, leads: (name) => name.endsWith('.corp.example') });
  const server = await startPostgres(await authority.issue([host]));
  const linkedService = (more: JsonObject = {}): ResolvedLinkedService => ({
    name: 'db',
    type: 'AzurePostgreSql',
    typeProperties: {
      connectionString: `host=${host};port=${server.port};database=postgres;uid=${server.user};EncryptionMethod=1`,
      password: { type: 'SecureString', value: server.password },
      ...more,
    },
  });
  return {
    server,
    caFile: authority.caFile,
    linkedService,
    /** A dataset of a table of the schema `public`. */
    table: (name: string, more: JsonObject = {}): ResolvedDataset => ({
      name,
      type: 'AzurePostgreSqlTable',
      typeProperties: { schema: 'public', table: name },
      linkedService: linkedService(more),
    }),
    /** Runs statements as the owner of the database. */
    query: (text: string) => server.query(text),
    close: async () => {
      leave();
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
};

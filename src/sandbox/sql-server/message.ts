// What a process that serves SQL servers is told.
import type { Trust } from '../access-token.ts';
import type { IssuedCertificate } from '../certificate-authority.ts';

/** A server to serve. `folder` exists; `passwordHash` is `hashPassword`'s. `name` is unique among all, `host` is what it says it is. */
export type SqlServerOrder = {
  name: string;
  host: string;
  folder: string;
  certificate: IssuedCertificate;
  ports: { tds: number };
  login: string;
  passwordHash: string;
  takesTokensOnly: boolean;
  trust: Trust;
  databases: readonly string[];
  /** Which of the databases are data warehouses. */
  warehouses: readonly string[];
};

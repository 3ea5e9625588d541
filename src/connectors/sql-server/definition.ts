import { sqlConnector } from './family.ts';

/** SQL Server. */
export const sqlServer = sqlConnector({
  type: 'SqlServer',
  summary: 'Tables, queries and stored procedures of a SQL Server, by SQL login, over TLS.',
  dataset: 'SqlServerTable',
  source: 'SqlServerSource',
  sink: 'SqlServerSink',
});

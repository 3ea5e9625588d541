import { group, text } from '../../connectors/property-schema.ts';
import type { ActivityDefinition } from '../definition.ts';

/** Calls a stored procedure of a database of the SQL Server family. */
export const sqlServerStoredProcedure: ActivityDefinition = {
  type: 'SqlServerStoredProcedure',
  summary: 'Calls a stored procedure of SQL Server, Azure SQL Database or a dedicated SQL pool.',
  typeProperties: group({ storedProcedureName: text, storedProcedureParameters: group({}) }, ['storedProcedureName']),
  run: () => import('./run.ts'),
};

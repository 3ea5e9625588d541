import { type Static, Type } from 'typebox';

const Operand = Type.Enum([
  'PipelineName',
  'Status',
  'RunStart',
  'RunEnd',
  'ActivityName',
  'ActivityRunStart',
  'ActivityRunEnd',
  'ActivityType',
  'TriggerName',
  'TriggerRunTimestamp',
  'RunGroupId',
  'LatestOnly',
]);

/** Body of the run queries: Azure's `RunFilterParameters`. */
export const RunFilter = Type.Object({
  lastUpdatedAfter: Type.String({ description: 'An instant, ISO 8601.' }),
  lastUpdatedBefore: Type.String({ description: 'An instant, ISO 8601.' }),
  filters: Type.Optional(
    Type.Array(
      Type.Object({
        operand: Operand,
        operator: Type.Enum(['Equals', 'NotEquals', 'In', 'NotIn']),
        values: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }),
      }),
      { maxItems: 20 },
    ),
  ),
  orderBy: Type.Optional(
    Type.Array(Type.Object({ orderBy: Operand, order: Type.Enum(['ASC', 'DESC']) }), { maxItems: 8 }),
  ),
  continuationToken: Type.Optional(Type.String({ maxLength: 4096 })),
});

export type RunFilter = Static<typeof RunFilter>;

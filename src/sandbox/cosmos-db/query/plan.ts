import type { JsonObject } from '../../../base/json.ts';

/**
 * The plan of every query. A client splits a query over the ranges of a container and puts the results together; here
 * there is one range, which answers any query whole, so nothing is left for the client to sort, group or count.
 */
export const queryPlan: JsonObject = {
  partitionedQueryExecutionInfoVersion: 2,
  queryInfo: {
    distinctType: 'None',
    top: null,
    offset: null,
    limit: null,
    orderBy: [],
    orderByExpressions: [],
    groupByExpressions: [],
    groupByAliases: [],
    aggregates: [],
    groupByAliasToAggregateType: {},
    rewrittenQuery: '',
    hasSelectValue: false,
    dCountInfo: null,
    hasNonStreamingOrderBy: false,
  },
  queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
};

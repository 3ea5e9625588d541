// The four keys of a Cosmos DB account: two that may do everything, and two that may only read.
import { keySet } from '../target/key-set.ts';

const names = ['primary', 'secondary', 'primaryReadonly', 'secondaryReadonly'] as const;

/** Which of an account's keys, as Azure calls them. */
export type CosmosKeyName = (typeof names)[number];

/** The keys of Cosmos DB accounts. */
export const cosmosKeys = keySet(names);

/** Keys as the wire calls them, those that may write left out unless asked for. */
export const shownKeys = (keys: Readonly<Record<CosmosKeyName, string>>, withWriting: boolean) => ({
  ...(withWriting && { primaryMasterKey: keys.primary, secondaryMasterKey: keys.secondary }),
  primaryReadonlyMasterKey: keys.primaryReadonly,
  secondaryReadonlyMasterKey: keys.secondaryReadonly,
});

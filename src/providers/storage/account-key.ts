// The two keys of a storage account.
import { keySet } from '../target/key-set.ts';

const names = ['key1', 'key2'] as const;

/** Which of an account's keys. */
export type AccountKeyName = (typeof names)[number];

/** The keys of storage accounts. */
export const accountKeys = keySet(names);

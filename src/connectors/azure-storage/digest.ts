import { createHash } from 'node:crypto';

/** The digest that a store of Azure compares with what arrived. */
export const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest();

import { type LookModule, lookIntoFolder } from '../look.ts';
import { openFileStore } from './open.ts';

/** The share is the linked service's, so a path is a folder in it. */
export const look: LookModule['look'] = (linkedService, path, signal) =>
  lookIntoFolder(openFileStore(linkedService, { values: {}, where: 'path' }), '', path, signal);

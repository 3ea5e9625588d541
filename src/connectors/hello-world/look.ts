import { type LookModule, lookIntoFolder } from '../look.ts';
import { openFileStore } from './open.ts';

/** The store has one root without a name, so a path is a folder. */
export const look: LookModule['look'] = (linkedService, path, signal) =>
  lookIntoFolder(openFileStore(linkedService, { values: {}, where: 'path' }), '', path, signal);

import { ActivityError } from '../base/error.ts';

/** The failure of a read for which there is no container, folder or file. Some activities take it for an answer. */
export class MissingError extends ActivityError {}

import { ActivityError } from '../base/error.ts';

/** What is wrong with one file: it may not be read or written, somebody changed it meanwhile, or the store takes no such name. */
export type FileTrouble = 'forbidden' | 'changed' | 'invalidName';

/** A failure that may concern one file alone, so that a copy of many can leave it out. */
export class FileError extends ActivityError {
  readonly trouble: FileTrouble;

  constructor(trouble: FileTrouble, ...failure: ConstructorParameters<typeof ActivityError>) {
    super(...failure);
    this.trouble = trouble;
  }
}

/** A failure, which may concern one file alone. */
export const fileFailure = (
  trouble: FileTrouble | undefined,
  ...failure: ConstructorParameters<typeof ActivityError>
): ActivityError => (trouble ? new FileError(trouble, ...failure) : new ActivityError(...failure));

/** What a request to a storage account ends with when it cannot be done, in Azure's words. */
export class StorageError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The refusal of what the sandbox does not do. It names the operation, and what there is instead. */
export const notImplemented = (operation: string, instead: string): StorageError =>
  new StorageError(501, 'NotImplemented', `The sandbox does not do '${operation}'. ${instead}`);

/** A header or query parameter that is not what it must be. */
export const invalidInput = (code: 'InvalidHeaderValue' | 'InvalidQueryParameterValue', name: string, rule: string) =>
  new StorageError(400, code, `'${name}' ${rule}.`);

/** What a request to an account ends with when it cannot be done, in Cosmos DB's words: `substatus` says which of its kind. */
export class CosmosError extends Error {
  readonly status: number;
  readonly code: string;
  readonly substatus: number | undefined;

  constructor(status: number, code: string, message: string, substatus?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.substatus = substatus;
  }
}

/** A 400 that names what is wrong. */
export const badRequest = (message: string, substatus?: number): CosmosError =>
  new CosmosError(400, 'BadRequest', message, substatus);

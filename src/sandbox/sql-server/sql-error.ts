/** What a statement ends with when it cannot be done, in SQL Server's numbers: severity 11 to 16 is the client's to mend. */
export class SqlError extends Error {
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  /** The line of the batch, from 1; 0 where it is not known yet. */
  line = 0;
  procedure = '';

  constructor(number: number, message: string, more: { severity?: number; state?: number } = {}) {
    super(message);
    this.number = number;
    this.severity = more.severity ?? 16;
    this.state = more.state ?? 1;
  }
}

/** Something that SQL Server has and this server has not, by name. */
export const unsupported = (what: string, instead = ''): SqlError =>
  new SqlError(40517, `${what} is not supported by Postern's sandbox SQL server.${instead && ` ${instead}`}`);

/** A mistake of grammar, as SQL Server words it. */
export const syntaxError = (near: string): SqlError =>
  new SqlError(102, `Incorrect syntax near '${near}'.`, { severity: 15 });

/** A statement of so many parts, or of parts within parts, that following them takes more than there is. */
export const tooDeep = (): SqlError =>
  new SqlError(
    8631,
    'Server stack limit has been reached. Look for potentially deep nesting in your query, and try to simplify it.',
    { severity: 17 },
  );

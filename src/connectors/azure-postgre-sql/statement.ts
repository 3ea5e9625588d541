// A statement whose rows are fetched as they are taken: the extended protocol's portal, under the client's own queue.
// The client collects all rows of a query in memory; this holds no more than one batch.
import type { Connection, FieldDef, Submittable } from 'pg';

/** A column as the server describes it. */
export type Field = Pick<FieldDef, 'name' | 'dataTypeID'>;

/** Is told the results of several statements as they come. */
export type ScriptListener = {
  resultSet(fields: readonly Field[]): void;
  row(values: (string | null)[]): void;
  /** How a statement ended: `INSERT 0 5`. */
  complete(tag: string): void;
};

/** Several statements at once, by the simple protocol. Give one to `client.query`, then await `ended`. */
export class ScriptStatement implements Submittable {
  readonly ended: Promise<void>;
  readonly #text: string;
  readonly #listener: ScriptListener;
  readonly #end = Promise.withResolvers<void>();
  #failure: { error: unknown } | undefined;

  constructor(text: string, listener: ScriptListener) {
    this.#text = text;
    this.#listener = listener;
    this.ended = this.#end.promise;
  }

  /** What a listener throws is the end of it; the rest is not told. */
  #tell(step: () => void): void {
    if (this.#failure) return;
    try {
      step();
    } catch (error) {
      this.#failure = { error };
    }
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleRowDescription({ fields }: { fields: readonly Field[] }): void {
    this.#tell(() => this.#listener.resultSet(fields));
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#tell(() => this.#listener.row(fields));
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#tell(() => this.#listener.complete(text));
  }

  handleEmptyQuery(): void {}

  handleCopyInResponse(connection: Connection & { sendCopyFail(message: string): void }): void {
    connection.sendCopyFail('COPY FROM STDIN has no data here');
  }

  handleCopyData(): void {}

  handleReadyForQuery(): void {
    if (this.#failure) this.#end.reject(this.#failure.error);
    else this.#end.resolve();
  }

  handleError(error: unknown): void {
    this.#end.reject(error);
  }
}

/** Rows as texts, and whether there may be more. */
export type Fetched = { fields: readonly Field[]; rows: (string | null)[][]; isDone: boolean };

type Waiting = { resolve(fetched: Fetched): void; reject(error: unknown): void };

/** Give one to `client.query`, then `fetch`. The server keeps the rest until it is asked. */
export class PortalStatement implements Submittable {
  readonly #text: string;
  #connection: Connection | undefined;
  #fields: readonly Field[] = [];
  #rows: (string | null)[][] = [];
  #waiting: Waiting | undefined;
  #wanted = 0;
  #isDone = false;
  #failure: { error: unknown } | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next rows, at most `count`. After the last, `isDone` and no rows. One call at a time. */
  fetch(count: number): Promise<Fetched> {
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure.error);
      else if (this.#isDone) resolve({ fields: this.#fields, rows: [], isDone: true });
      else {
        this.#waiting = { resolve, reject };
        this.#wanted = count;
        if (this.#connection) this.#execute(this.#connection);
      }
    });
  }

  #execute(connection: Connection): void {
    connection.execute({ portal: '', rows: String(this.#wanted) }, true);
    connection.flush();
  }

  #give(isDone: boolean): void {
    const waiting = this.#waiting;
    const rows = this.#rows;
    this.#waiting = undefined;
    this.#rows = [];
    this.#isDone = isDone;
    waiting?.resolve({ fields: this.#fields, rows, isDone });
  }

  submit(connection: Connection): void {
    this.#connection = connection;
    connection.parse({ name: '', text: this.#text, types: [] }, true);
    connection.bind({ portal: '', statement: '', values: [] } as never, true);
    connection.describe({ type: 'P', name: '' }, true);
    if (this.#waiting) this.#execute(connection);
    else connection.flush();
  }

  handleRowDescription({ fields }: { fields: readonly Field[] }): void {
    this.#fields = fields;
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handlePortalSuspended(): void {
    this.#give(false);
  }

  handleCommandComplete(_message: unknown, connection: Connection): void {
    connection.sync();
    this.#give(true);
  }

  handleEmptyQuery(connection: Connection): void {
    connection.sync();
    this.#give(true);
  }

  handleCopyInResponse(connection: Connection & { sendCopyFail(message: string): void }): void {
    connection.sendCopyFail('COPY FROM STDIN has no data here');
  }

  handleCopyData(): void {}

  handleReadyForQuery(): void {}

  handleError(error: unknown, connection?: Connection): void {
    this.#failure = { error };
    this.#waiting?.reject(error);
    this.#waiting = undefined;
    connection?.sync();
  }
}

// What a login has: a database, a transaction, and what is said of the last statement.
import { randomBytes } from 'node:crypto';
import { readCatalog } from '../engine/catalog.ts';
import type { DatabaseFile, EngineConnection } from '../engine/database-file.ts';
import { Cancelled } from '../engine/failure.ts';
import { SqlError } from '../sql-error.ts';
import type { Catalog, SessionFacts } from '../translate/context.ts';
import type { EngineStatement } from '../translate/definition.ts';
import type { SqlType } from '../type/sql-type.ts';
import { changed } from '../wire/token.ts';
import type { Reply } from './reply.ts';

/** A statement that was prepared, and its parameters. */
export type Prepared = { text: string; parameters: readonly { name: string; type: SqlType }[] };

/** How long a statement that is stopped may take to end. Some of what the engine does takes no notice at all. */
const stopMs = 15_000;

type EngineRows = Awaited<ReturnType<EngineConnection['all']>>;

/** A session on a database. */
export class Session {
  readonly database: DatabaseFile;
  readonly connection: EngineConnection;
  readonly facts: SessionFacts;
  /** Set to stop what runs: the client asked for it, or has gone. */
  isCancelled = false;
  countsRows = true;
  identityInsert: string | null = null;
  readonly prepared = new Map<number, Prepared>();
  #descriptor: Buffer = Buffer.alloc(0);
  #catalog: Catalog | null = null;
  #generation = -1;
  #hasDefined = false;
  #again: NodeJS.Timeout | undefined;
  #stuck: NodeJS.Timeout | undefined;
  readonly #onStuck: () => void;
  #isClosed = false;

  /** `onStuck` is called where a statement does not end though it was stopped. */
  constructor(database: DatabaseFile, connection: EngineConnection, facts: SessionFacts, onStuck: () => void) {
    this.database = database;
    this.connection = connection;
    this.facts = facts;
    this.#onStuck = onStuck;
  }

  /** Stops the request that runs: its statement now, and those after it. */
  cancel(): void {
    if (this.isCancelled || this.#isClosed) return;
    this.isCancelled = true;
    this.connection.interrupt();
    // A statement that the engine was given and has not begun takes no notice, so it is told again.
    this.#again = setInterval(() => this.connection.interrupt(), 20);
    this.#stuck = setTimeout(this.#onStuck, stopMs);
  }

  /** A request has ended: the next one is not stopped. */
  settle(): void {
    clearInterval(this.#again);
    clearTimeout(this.#stuck);
    this.isCancelled = false;
  }

  /** Throws where the client wants no more. */
  checkCancelled(): void {
    if (this.isCancelled) throw new Cancelled();
  }

  /** Refuses to write in a transaction that can only be rolled back. */
  requireSound(): void {
    if (this.facts.isDoomed)
      throw new SqlError(
        3930,
        'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
      );
  }

  /** What there is in the database, as the transaction sees it. */
  async catalog(): Promise<Catalog> {
    if (this.#catalog && this.#generation === this.database.generation.value) return this.#catalog;
    this.#generation = this.database.generation.value;
    this.#catalog = await readCatalog(this.connection, this.facts.database);
    return this.#catalog;
  }

  async begin(reply: Reply): Promise<void> {
    this.requireSound();
    if (this.facts.transactionCount++ > 0) return;
    try {
      await this.connection.all('BEGIN TRANSACTION');
    } catch (error) {
      this.facts.transactionCount = 0;
      throw error;
    }
    this.#descriptor = randomBytes(8);
    await reply.change(changed.began(this.#descriptor));
  }

  async commit(reply: Reply): Promise<void> {
    const { facts } = this;
    if (facts.transactionCount === 0)
      throw new SqlError(3902, 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.');
    this.requireSound();
    if (facts.transactionCount > 1) {
      facts.transactionCount--;
      return;
    }
    try {
      await this.connection.all('COMMIT');
    } catch (error) {
      await this.rollback(reply);
      throw error;
    }
    this.#over();
    await reply.change(changed.committed(this.#descriptor));
  }

  async rollback(reply: Reply): Promise<void> {
    if (this.facts.transactionCount === 0)
      throw new SqlError(3903, 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.');
    await this.#rollBack();
    await reply.change(changed.rolledBack(this.#descriptor));
  }

  async #rollBack(): Promise<void> {
    // The engine may have given the transaction up by itself.
    await this.connection.all('ROLLBACK').catch(() => {});
    this.#over();
  }

  #over(): void {
    this.facts.transactionCount = 0;
    this.facts.isDoomed = false;
    this.#catalog = null;
    if (this.#hasDefined) this.database.generation.value++;
    this.#hasDefined = false;
  }

  /**
   * After a failure: whether the engine still goes on with the transaction. Where it does not, what the transaction did is
   * undone at once, so that the client can look around, as a CATCH does, until it rolls back.
   */
  async noteFailure(): Promise<void> {
    const { facts } = this;
    if (facts.transactionCount === 0 || facts.isDoomed) return;
    const isOver = await this.connection.all('SELECT 1').then(
      () => false,
      () => true,
    );
    if (!isOver) return;
    const { transactionCount } = facts;
    await this.#rollBack();
    Object.assign(facts, { isDoomed: true, transactionCount });
  }

  /** Runs statements that define something: all of them or none. Gives what each answered. */
  async define(statements: readonly EngineStatement[]): Promise<EngineRows[]> {
    this.requireSound();
    const isAlone = this.facts.transactionCount === 0;
    if (isAlone) await this.connection.all('BEGIN TRANSACTION');
    try {
      const answers: EngineRows[] = [];
      for (const { sql, bound } of statements) answers.push(await this.connection.all(sql, bound));
      if (isAlone) await this.connection.all('COMMIT');
      else this.#hasDefined = true;
      return answers;
    } catch (error) {
      if (isAlone) await this.connection.all('ROLLBACK').catch(() => {});
      throw error;
    } finally {
      this.#catalog = null;
      if (isAlone) this.database.generation.value++;
    }
  }

  /** As after login: no transaction, no temporary tables, nothing prepared. */
  async reset(): Promise<void> {
    if (this.facts.transactionCount > 0) await this.#rollBack();
    this.#catalog = null;
    const own = [...(await this.catalog()).tables.values()].filter(({ schema }) => schema === '#');
    for (const { reference } of own) await this.connection.all(`DROP TABLE IF EXISTS ${reference}`);
    this.#catalog = null;
    this.prepared.clear();
    this.countsRows = true;
    this.identityInsert = null;
    Object.assign(this.facts, { rowCount: 0n, errorNumber: 0, identity: null, caught: null });
  }

  close(): void {
    this.settle();
    this.#isClosed = true;
    this.connection.close();
  }
}

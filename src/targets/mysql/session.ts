import { TrancheError } from '../../core/errors.js';
import type { Records } from '../../core/records.js';
import type { Refusal } from '../../core/target.js';
import { Connection } from '../../mysql/driver.js';
import type { LineBuffer } from './line-buffer.js';
import type { LineEncoder } from './line-encoder.js';
import { RowInserter } from './row-inserter.js';
import { load, loadRows } from './row-loader.js';
import type { MysqlSettings } from './settings.js';
import { type InsertInto, loadLines } from './statements.js';
import { rowProblems } from './warnings.js';

interface ServerFacts {
  readonly version: string;
  readonly local_: number | string;
  readonly packet: number | string;
}

/** A connection to write by. What is to be written is a transaction: `begin`, `insert`, `commit`. */
export class Session {
  readonly connection: Connection;
  readonly #facts: ServerFacts;
  #local: boolean;
  #hasLoaded = false;

  private constructor(connection: Connection, facts: ServerFacts) {
    this.connection = connection;
    this.#facts = facts;
    this.#local = Number(facts.local_) === 1;
  }

  /** Connects. */
  static async open(settings: MysqlSettings, signal?: AbortSignal): Promise<Session> {
    const connection = await Connection.open(settings.place, signal);
    try {
      const [facts] = await connection.query<ServerFacts>(
        'SELECT VERSION() AS version, @@local_infile AS local_, @@max_allowed_packet AS packet',
      );
      return new Session(connection, facts!);
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  /** Whether the last rows went in by `LOAD DATA`. */
  get hasLoaded(): boolean {
    return this.#hasLoaded;
  }

  async begin(signal?: AbortSignal): Promise<void> {
    await this.connection.run('START TRANSACTION', [], signal);
  }

  /** Puts records in; answers those that were refused, in order of their index. */
  async insert(
    records: Records,
    into: InsertInto | null,
    encoder: LineEncoder,
    signal: AbortSignal,
  ): Promise<readonly Refusal[]> {
    this.#hasLoaded = false;
    if (!into || into.columns.length === 0) return noColumns(records.count);
    const how = { connection: this.connection, into, tellsRows: this.#tellsRows(), signal };
    encoder.begin(records);
    if (this.#local && into.onConflict === 'error') {
      const loaded = await loadRows(encoder, how);
      if (loaded === 'forbidden') this.#local = false;
      this.#hasLoaded = typeof loaded !== 'string';
      if (typeof loaded !== 'string') return merged(encoder.finish(), loaded);
    }
    const misfits = encoder.finish();
    return merged(misfits, await new RowInserter(how, Number(this.#facts.packet)).insert(encoder.lines));
  }

  /** Puts lines in that the server has taken before. Throws `target_refused` if it does not take them now. */
  async insertAgain(lines: LineBuffer, into: InsertInto, signal?: AbortSignal): Promise<void> {
    const effect = await load(this.connection, loadLines(into), lines.pieces(0, lines.length), signal);
    if (typeof effect !== 'string' && effect.rows === lines.count) {
      if (effect.warnings === 0 || (await rowProblems(this.connection, false)).length === 0) return;
    }
    throw new TrancheError('target_refused', 'rows that the server had taken are turned away now', {
      hint: 'the table was changed meanwhile: go on with --resume, which looks for them',
    });
  }

  async commit(signal?: AbortSignal): Promise<void> {
    await this.connection.run('COMMIT', [], signal);
  }

  /** Takes back what was not committed. The error that led here says more than one of its own. */
  async rollBack(): Promise<void> {
    if (this.connection.isAlive) await this.connection.run('ROLLBACK').catch(() => this.connection.destroy());
  }

  /** MariaDB since 10.7 keeps the row of each error, also where its message leaves it out. */
  #tellsRows(): boolean {
    const [, major, minor] = /^(\d+)\.(\d+)\..*MariaDB/i.exec(this.#facts.version) ?? [];
    return Number(major) > 10 || (Number(major) === 10 && Number(minor) >= 7);
  }
}

function noColumns(count: number): readonly Refusal[] {
  const message = 'no column is known that the record could go into';
  return Array.from({ length: count }, (_, index) => ({ index, reason: 'refused', message }));
}

function merged(some: readonly Refusal[], others: readonly Refusal[]): readonly Refusal[] {
  if (some.length === 0) return others;
  return [...some, ...others].sort((one, other) => one.index - other.index);
}

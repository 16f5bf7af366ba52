import { TrancheError } from '../../core/errors.js';
import type { Records } from '../../core/records.js';
import { sliceRecords } from '../../core/slice-records.js';
import type { Refusal } from '../../core/target.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import type { PostgresConnection } from '../../postgres/connection.js';
import { describeServerError, postgresError, serverError } from '../../postgres/errors.js';
import { quoteIdentifier, quoteTable } from '../../postgres/sql.js';
import { GrowingBuffer } from '../tables/growing-buffer.js';
import { withoutRefused } from '../tables/pick-records.js';
import { ColumnGuard } from './column-guard.js';
import { CopyEncoder } from './copy-encoder.js';
import { lineOfCopy, recordAtLine } from './line-of-copy.js';
import type { WriteInto } from './prepare-table.js';
import { Staging } from './staging.js';

/** Refused records that are looked for by the line that COPY names; where there are more, rows are tried one by one. */
const MOST_BY_LINE = 12;

/** A table as COPY names it, and as the server does in the context of an error. */
interface CopyTarget {
  readonly table: string;
  readonly name: string;
}

/** Puts records into a table, within a transaction that it begins. */
export class RowWriter {
  readonly #connection: PostgresConnection;
  readonly #place: string;
  readonly #into: WriteInto;
  readonly #columns: string;
  readonly #guard: ColumnGuard;
  readonly #encoder: CopyEncoder;
  readonly #buffer = new GrowingBuffer();
  readonly #staging: Staging;

  constructor(connection: PostgresConnection, place: string, into: WriteInto, dialect: CsvDialect | null) {
    this.#connection = connection;
    this.#place = place;
    this.#into = into;
    this.#columns = into.columns.map(({ column }) => quoteIdentifier(column.name)).join(', ');
    this.#guard = new ColumnGuard(into.columns);
    this.#encoder = new CopyEncoder(into.columns, dialect);
    this.#staging = new Staging(connection, into);
  }

  /**
   * Begins a transaction and puts the records in; answers those that were refused, in their order. Leaves the transaction open, or broken if it throws.
   */
  async write(records: Records): Promise<readonly Refusal[]> {
    const refused = this.#guard.check(records);
    const sound = withoutRefused(records, refused);
    const unwritable = this.#encode(sound.records);
    const kept = withoutRefused(sound.records, unwritable);
    if (unwritable.length > 0) this.#encode(kept.records);
    const more = await this.#insert(kept.records);
    const inSound = [...unwritable, ...throughIndices(more, kept.indices)];
    return [...refused, ...throughIndices(inSound, sound.indices)].sort((a, b) => a.index - b.index);
  }

  /** What was encoded goes in at once; if the server refuses some of it, the rest goes in without that. */
  async #insert(records: Records): Promise<readonly Refusal[]> {
    if (records.count === 0) {
      await this.#connection.run('BEGIN');
      return [];
    }
    try {
      if (this.#into.onConflict === 'error') {
        await this.#copyEncoded('BEGIN; ', this.#target(), records.count);
      } else {
        await this.#staging.make();
        await this.#copyEncoded('BEGIN; ', this.#staging, records.count);
        await this.#staging.moveAll();
      }
      return [];
    } catch (error) {
      if (!isOfRecord(error)) throw error;
      await this.#connection.run('ROLLBACK');
      return await this.#insertWithout(records, error);
    }
  }

  async #insertWithout(records: Records, failure: TrancheError): Promise<readonly Refusal[]> {
    const refused: Refusal[] = [];
    const left: [number, number][] = [];
    await this.#staging.make();
    await this.#connection.run('BEGIN');
    const range = [0, records.count] as const;
    if (this.#into.onConflict === 'error') {
      await this.#split(records, ...range, this.#target(), failure, refused, left);
    } else {
      left.push([...range]);
    }
    if (left.length === 0) return refused;
    for (const [from, to] of left) await this.#stage(records, from, to, refused);
    for (const row of await this.#staging.moveEach()) {
      const { index, sqlState, message } = row;
      refused.push({ index, reason: reasonOf(sqlState), message: `${message} [${sqlState}]` });
    }
    return refused.sort((a, b) => a.index - b.index);
  }

  /** Puts records `[from, to)` in, around the one that the last attempt failed on; what is too much for that is `left`. */
  async #split(
    records: Records,
    from: number,
    to: number,
    target: CopyTarget,
    failure: TrancheError,
    refused: Refusal[],
    left: [number, number][] | null,
  ): Promise<void> {
    const bad = this.#indexOf(failure, target);
    if (bad === undefined || bad < 0 || from + bad >= to || (left && refused.length >= MOST_BY_LINE)) {
      if (!left) throw failure;
      left.push([from, to]);
      return;
    }
    refused.push(refusalOf(from + bad, failure));
    await this.#insertRange(records, from, from + bad, target, refused, left);
    await this.#insertRange(records, from + bad + 1, to, target, refused, left);
  }

  async #insertRange(
    records: Records,
    from: number,
    to: number,
    target: CopyTarget,
    refused: Refusal[],
    left: [number, number][] | null,
  ): Promise<void> {
    if (from >= to) return;
    if (left && refused.length >= MOST_BY_LINE) {
      left.push([from, to]);
      return;
    }
    if (target === this.#staging) await this.#staging.numberFrom(from);
    this.#encode(sliceRecords(records, from, to));
    try {
      await this.#copyEncoded('SAVEPOINT tranche; ', target, to - from);
    } catch (error) {
      if (!isOfRecord(error)) throw error;
      await this.#connection.run('ROLLBACK TO SAVEPOINT tranche');
      await this.#split(records, from, to, target, error, refused, left);
    }
  }

  async #stage(records: Records, from: number, to: number, refused: Refusal[]): Promise<void> {
    await this.#insertRange(records, from, to, this.#staging, refused, null);
  }

  #encode(records: Records): readonly Refusal[] {
    this.#buffer.length = 0;
    this.#encoder.begin(this.#buffer);
    return this.#encoder.encode(records, this.#buffer);
  }

  async #copyEncoded(before: string, { table }: CopyTarget, count: number): Promise<void> {
    const statement = `${before}COPY ${table} (${this.#columns}) FROM STDIN WITH (${this.#encoder.options})`;
    let rows: number;
    try {
      const copy = this.#connection.copyIn(statement);
      copy.write(this.#buffer.content);
      rows = await copy.finish();
    } catch (error) {
      throw postgresError('write', this.#place, error);
    }
    if (rows === count) return;
    throw new TrancheError('target_refused', `${this.#place}: the server took ${rows} of ${count} records`, {
      path: this.#place,
      hint: 'a trigger or a rule of the table keeps rows back: disable it for the time of the run',
    });
  }

  #target(): CopyTarget {
    return { table: quoteTable(this.#into.table), name: this.#into.table.name };
  }

  /** Index in what was encoded last. */
  #indexOf(failure: TrancheError, { name }: CopyTarget): number | undefined {
    const line = lineOfCopy(serverError(failure.cause)?.where, name);
    return line === undefined ? undefined : recordAtLine(this.#buffer.content, line, this.#encoder.quote);
  }
}

function isOfRecord(error: unknown): error is TrancheError {
  return error instanceof TrancheError && error.kind === 'record';
}

function refusalOf(index: number, failure: TrancheError): Refusal {
  const server = serverError(failure.cause)!;
  return {
    index,
    reason: reasonOf(server.sqlState),
    message: withColumn(describeServerError(server), server.where),
  };
}

/** The context of COPY names the column where the message does not. */
function withColumn(message: string, where: string | undefined): string {
  const [, column] = /^COPY [^\n]*?, line \d+, column ([^\n]+?)(?:: |$)/m.exec(where ?? '') ?? [];
  return column === undefined || message.includes(`"${column}"`) ? message : `column ${column}: ${message}`;
}

function reasonOf(sqlState: string): 'constraint' | 'type' | 'refused' {
  if (sqlState.startsWith('23')) return 'constraint';
  return sqlState.startsWith('22') ? 'type' : 'refused';
}

function throughIndices(refusals: readonly Refusal[], indices: Uint32Array | null): readonly Refusal[] {
  if (!indices) return refusals;
  return refusals.map(refusal => ({ ...refusal, index: indices[refusal.index]! }));
}

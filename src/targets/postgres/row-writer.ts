import { isOfKind, TrancheError } from '../../core/errors.js';
import { withoutRefused } from '../../core/pick-records.js';
import type { Records } from '../../core/records.js';
import { sliceRecords } from '../../core/slice-records.js';
import type { Refusal } from '../../core/target.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import type { PostgresConnection } from '../../postgres/connection.js';
import { describeServerError, postgresError, serverError } from '../../postgres/errors.js';
import { quoteIdentifier, quoteTable } from '../../postgres/sql.js';
import { ColumnGuard } from './column-guard.js';
import { CopyEncoder, type EncodedRecords } from './copy-encoder.js';
import { lineOfCopy } from './line-of-copy.js';
import type { WriteInto } from './prepare-table.js';
import { Staging, type StagingTable } from './staging.js';

/** Refused records that are looked for by the line that COPY names; where there are more, rows are tried one by one. */
const MOST_BY_LINE = 12;

/** Records that are sent at once behind one that was refused: where there is one there are others, and whatever stands behind the next is sent for nothing. */
const LEAST_PIECE = 1500;

/** Records `[from, to)`. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** What was found by the lines that COPY names, and what is left because there was too much of it. */
class Search {
  readonly refused: Refusal[] = [];
  readonly left: Range[] = [];
  readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get isOver(): boolean {
    return this.refused.length >= this.most;
  }
}

/** Puts records into a table, within a transaction that it begins. */
export class RowWriter {
  readonly #connection: PostgresConnection;
  readonly #place: string;
  readonly #into: WriteInto;
  readonly #columns: string;
  readonly #guard: ColumnGuard;
  readonly #encoder: CopyEncoder;
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

  /** Bytes that were sent last. */
  get bytes(): number {
    return this.#encoder.content.length;
  }

  /**
   * Begins a transaction and puts the records in; answers those that were refused, in their order. Leaves the transaction open, or broken if it throws.
   */
  async write(records: Records): Promise<readonly Refusal[]> {
    const unwritable = this.#encoder.encode(records);
    if (unwritable.length > 0) return await this.#writeSound(records, this.#guard.check(records));
    let refused: readonly Refusal[] = [];
    // Looked at while the server works: hardly ever is there anything to take back.
    const failure = await this.#insertAll(records.count, () => {
      refused = this.#guard.check(records);
    });
    if (refused.length === 0 && !failure) return [];
    await this.#connection.run('ROLLBACK');
    if (refused.length > 0) return await this.#writeSound(records, refused);
    return await this.#insertWithout(records, failure!);
  }

  /** Puts in what a {@link SureEncoder} made of records and runs `behind`, which commits, in one message. The server does none of it if it cannot do all. */
  async writeSure(options: string, bytes: Buffer, count: number, behind: string): Promise<void> {
    await this.#copy({ before: 'BEGIN; ', behind }, this.#target(), { options, content: bytes }, count);
  }

  /** Puts in the records that are neither refused by us nor impossible to write. */
  async #writeSound(records: Records, refused: readonly Refusal[]): Promise<readonly Refusal[]> {
    const sound = withoutRefused(records, refused);
    const unwritable = this.#encoder.encode(sound.records);
    const kept = withoutRefused(sound.records, unwritable);
    if (unwritable.length > 0) this.#encoder.encode(kept.records);
    const more = await this.#insert(kept.records);
    const inSound = [...unwritable, ...throughIndices(more, kept.indices)];
    return [...refused, ...throughIndices(inSound, sound.indices)].sort((a, b) => a.index - b.index);
  }

  /** What was encoded goes in at once; if the server refuses some of it, the rest goes in without that. */
  async #insert(records: Records): Promise<readonly Refusal[]> {
    const failure = await this.#insertAll(records.count);
    if (!failure) return [];
    await this.#connection.run('ROLLBACK');
    return await this.#insertWithout(records, failure);
  }

  /** Begins a transaction and puts in what was encoded. Answers the error if the server refused a record. `meanwhile` is called when all is on its way. */
  async #insertAll(count: number, meanwhile: () => void = () => undefined): Promise<TrancheError | null> {
    if (count === 0) {
      await this.#connection.run('BEGIN');
      meanwhile();
      return null;
    }
    const staged = this.#into.onConflict !== 'error';
    const table = staged ? await this.#staging.makeRows() : this.#target();
    try {
      await this.#copy({ before: 'BEGIN; ' }, table, this.#encoder, count, meanwhile);
      if (staged) await this.#staging.moveRows();
      return null;
    } catch (error) {
      if (!isOfKind(error, 'record')) throw error;
      return error;
    }
  }

  /** Finds the records that are refused while it puts in the others: a few by the lines that COPY names, many by trying each. */
  async #insertWithout(records: Records, failure: TrancheError): Promise<readonly Refusal[]> {
    const texts = await this.#staging.makeTexts();
    await this.#connection.run('BEGIN');
    const whole = { from: 0, to: records.count };
    const byLine = new Search(MOST_BY_LINE);
    if (this.#into.onConflict === 'error') await this.#split(records, whole, this.#target(), failure, byLine);
    else byLine.left.push(whole);
    if (byLine.left.length === 0) return byLine.refused;
    const search = new Search(Number.POSITIVE_INFINITY);
    for (const range of byLine.left) await this.#insertRange(records, range, texts, search, true);
    const each = (await this.#staging.moveEachText()).map(({ index, sqlState, message }) => ({
      index,
      reason: reasonOf(sqlState),
      message: `${message} [${sqlState}]`,
    }));
    return [...byLine.refused, ...search.refused, ...each];
  }

  /** Puts records in around the one on which the last attempt failed. */
  async #split(
    records: Records,
    range: Range,
    table: StagingTable,
    failure: TrancheError,
    search: Search,
    numbered = false,
  ): Promise<void> {
    const { from, to } = range;
    const bad = this.#indexOf(failure, table);
    if (bad === undefined || bad < 0 || from + bad >= to || search.isOver) {
      if (search.most === Number.POSITIVE_INFINITY) throw failure;
      search.left.push(range);
      return;
    }
    search.refused.push(refusalOf(from + bad, failure));
    await this.#insertRange(records, { from, to: from + bad }, table, search, numbered);
    const most = Math.max(LEAST_PIECE, 2 * bad);
    for (let at = from + bad + 1; at < to; at += most) {
      await this.#insertRange(records, { from: at, to: Math.min(at + most, to) }, table, search, numbered);
    }
  }

  async #insertRange(
    records: Records,
    range: Range,
    table: StagingTable,
    search: Search,
    numbered = false,
  ): Promise<void> {
    const { from, to } = range;
    if (from >= to) return;
    if (search.isOver) {
      search.left.push(range);
      return;
    }
    if (numbered) await this.#staging.numberTextsFrom(from);
    this.#encoder.encode(sliceRecords(records, from, to));
    try {
      await this.#copy({ before: 'SAVEPOINT tranche; ' }, table, this.#encoder, to - from);
    } catch (error) {
      if (!isOfKind(error, 'record')) throw error;
      await this.#connection.run('ROLLBACK TO SAVEPOINT tranche');
      await this.#split(records, range, table, error, search, numbered);
    }
  }

  async #copy(
    { before, behind = '' }: { readonly before: string; readonly behind?: string },
    { table }: StagingTable,
    { options, content }: Pick<EncodedRecords, 'options' | 'content'>,
    count: number,
    meanwhile: () => void = () => undefined,
  ): Promise<void> {
    let rows: number;
    try {
      const copy = this.#connection.copyIn(
        `${before}COPY ${table} (${this.#columns}) FROM STDIN WITH (${options}); ${behind}`,
      );
      copy.write(content);
      const finished = copy.finish();
      meanwhile();
      rows = await finished;
    } catch (error) {
      throw postgresError('write', this.#place, error);
    }
    if (rows === count) return;
    throw new TrancheError('target_refused', `${this.#place}: the server took ${rows} of ${count} records`, {
      path: this.#place,
      hint: 'a trigger or a rule of the table keeps rows back: disable it for the time of the run',
    });
  }

  #target(): StagingTable {
    return { table: quoteTable(this.#into.table), name: this.#into.table.name };
  }

  /** Index in what was encoded last. */
  #indexOf(failure: TrancheError, { name }: StagingTable): number | undefined {
    const line = lineOfCopy(serverError(failure.cause)?.where, name);
    return line === undefined ? undefined : this.#encoder.recordAt(line);
  }
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

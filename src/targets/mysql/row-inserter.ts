import type { Refusal } from '../../core/target.js';
import type { Connection } from '../../mysql/driver.js';
import { isRecordError, serverErrorNumber, serverMessage } from '../../mysql/errors.js';
import type { LineBuffer } from './line-buffer.js';
import type { Loading } from './row-loader.js';
import { insertRows, wrapOf } from './statements.js';
import { askRow, messageOf, type RowProblem, reasonOf, rowProblem, rowProblems } from './warnings.js';

const TAB = 0x09;
const BACKSLASH = 0x5c;
const N = 0x4e;
/** Rows and bytes of one statement: more are not faster. */
const MOST_ROWS = 1000;
const MOST_BYTES = 1 << 20;
/** Bytes of a packet that are not a row's. */
const SPARE_BYTES = 64 * 1024;

/** What an INSERT of several rows came to: nothing to object to, or a row that is bad (null: the server does not say which). */
type Verdict = 'good' | RowProblem;

/**
 * Puts rows in by INSERT statements of many rows each, which fail at the first bad one. That row is left out, those before it go in with a statement of their own; where
 * the server does not say which row it was, statements become smaller until it is known. For servers without `LOCAL`, for conflicts, and for batches whose bad rows
 * `LOAD DATA` does not name.
 */
export class RowInserter {
  readonly #how: Loading;
  readonly #maxPacket: number;
  readonly #head: string;
  readonly #tail: string;
  readonly #wraps: readonly (readonly [string, string])[];

  /** `maxPacket`: bytes of a statement that the server takes. */
  constructor(how: Loading, maxPacket: number) {
    this.#how = how;
    this.#maxPacket = maxPacket;
    const { head, tail } = insertRows(how.into);
    this.#head = head;
    this.#tail = tail;
    this.#wraps = how.into.columns.map(wrapOf);
  }

  /** Inserts all rows but those refused, which it answers. To be used in a transaction. */
  async insert(lines: LineBuffer): Promise<readonly Refusal[]> {
    const refused: Refusal[] = [];
    let rows = MOST_ROWS;
    for (let from = 0; from < lines.count; ) {
      const end = this.#endOf(lines, from, Math.min(lines.count, from + rows));
      const verdict = await this.#insertRows(lines, from, end);
      if (verdict === 'good') {
        from = end;
        rows = Math.min(MOST_ROWS, rows * 2);
        continue;
      }
      const bad = end === from + 1 ? 0 : verdict.row;
      if (bad === null) {
        rows = Math.ceil((end - from) / 4);
        continue;
      }
      // Rows before the bad one are good, unless one of them is bad only where the statement ends with it.
      if (bad > 0 && (await this.#insertRows(lines, from, from + bad)) !== 'good') {
        rows = 1;
        continue;
      }
      refused.push(refusal(lines.indices[from + bad]!, verdict));
      from += bad + 1;
      rows = Math.max(1, Math.ceil((end - from) / 2));
    }
    return refused;
  }

  /** The row behind the last that goes into one statement with row `from`. */
  #endOf(lines: LineBuffer, from: number, most: number): number {
    const limit = lines.startOf(from) + Math.min(MOST_BYTES, this.#maxPacket / 2);
    let end = from + 1;
    while (end < most && lines.ends[end]! <= limit) end++;
    return end;
  }

  async #insertRows(lines: LineBuffer, from: number, end: number): Promise<Verdict> {
    const { connection, signal } = this.#how;
    const sql = this.#head + this.#tuples(lines, from, end) + this.#tail;
    if (end === from + 1 && Buffer.byteLength(sql) > this.#maxPacket - SPARE_BYTES) {
      return {
        row: 0,
        code: 1153,
        message: `the row is larger than max_allowed_packet (${this.#maxPacket} bytes)`,
      };
    }
    await connection.run('SAVEPOINT tranche_rows', [], signal);
    try {
      const { warnings } = await connection.run(sql, [], signal);
      if (warnings === 0) return 'good';
    } catch (error) {
      return await this.#refusal(connection, error);
    }
    const [problem] = await rowProblems(connection, this.#how.tellsRows);
    if (problem === undefined) return 'good';
    await connection.run('ROLLBACK TO SAVEPOINT tranche_rows', [], signal);
    return problem;
  }

  async #refusal(connection: Connection, error: unknown): Promise<RowProblem> {
    const code = serverErrorNumber(error) ?? 0;
    if (!isRecordError(code)) throw error;
    const problem = rowProblem(code, serverMessage(error));
    const row = problem.row ?? (this.#how.tellsRows ? await askRow(connection) : null);
    // The statement was taken back by itself, unless a trigger wrote to a table that cannot.
    await connection.run('ROLLBACK TO SAVEPOINT tranche_rows');
    return { ...problem, row };
  }

  #tuples(lines: LineBuffer, from: number, end: number): string {
    const parts: string[] = [];
    for (let row = from; row < end; row++) parts.push(this.#tuple(lines, row));
    return parts.join(',');
  }

  /** A line as a tuple of literals: the escapes are the same. */
  #tuple(lines: LineBuffer, row: number): string {
    const { bytes } = lines;
    const end = lines.ends[row]!;
    let tuple = '(';
    let start = lines.startOf(row);
    for (let c = 0; c < this.#wraps.length; c++) {
      let at = start;
      while (bytes[at] !== TAB && at < end - 1) at++;
      const isNull = at - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === N;
      const [before, behind] = this.#wraps[c]!;
      if (c > 0) tuple += ',';
      tuple += isNull ? 'NULL' : before + bytes.toString('utf8', start, at) + behind;
      start = at + 1;
    }
    return `${tuple})`;
  }
}

function refusal(index: number, problem: RowProblem): Refusal {
  return { index, reason: reasonOf(problem.code), message: messageOf(problem) };
}

import { systemCode, TrancheError } from '../../core/errors.js';
import type { Refusal } from '../../core/target.js';
import { type Database, type Statement, sqliteError } from '../../sqlite/driver.js';
import { type Bindable, holdsIntegers } from './bound-column.js';
import { type InsertInto, insertRows } from './statements.js';

/** Values of one statement, and rows of one: more are not faster. */
const MOST_VALUES = 400;
const MOST_ROWS = 50;

/**
 * Puts rows into a table, many with each statement. A row that the table does not take is left out and remembered; all others of its statement are in. To be
 * used within a transaction.
 */
export class RowInserter {
  /** Where the values of the next row go, from {@link at} on. */
  readonly values: Bindable[];
  at = 0;
  /** Rows of the batch that were refused, in order of their index after {@link finish}. */
  refused: Refusal[] = [];
  readonly #database: Database;
  readonly #path: string;
  readonly #width: number;
  readonly #rows: number;
  /** By row of the statement: its index in the batch. */
  readonly #indices: Uint32Array;
  #filled = 0;
  /** Columns whose numbers are integers. */
  readonly #integers: readonly number[];
  readonly #many: Statement;
  readonly #manyCast: Statement;
  readonly #one: Statement;
  #uniform = true;

  /** Prepares the statements. Throws what the driver throws. */
  constructor(database: Database, path: string, into: InsertInto) {
    const { columns } = into;
    this.#database = database;
    this.#path = path;
    this.#width = columns.length;
    this.#rows = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_VALUES / columns.length)));
    this.#indices = new Uint32Array(this.#rows);
    this.values = Array.from({ length: this.#rows * columns.length }, () => null);
    this.#integers = columns.flatMap((column, place) => (holdsIntegers(column) ? [place] : []));
    this.#many = database.prepare(insertRows(into, this.#rows, false));
    this.#manyCast = database.prepare(insertRows(into, this.#rows, true));
    this.#one = database.prepare(insertRows(into, 1, false));
  }

  /** Starts a batch; what was left of a failed one is forgotten. */
  begin(): void {
    this.#forgetRows();
    this.refused = [];
  }

  /** The values of row `index` are in place. `uniform`: they are numbers wherever the column holds integers. */
  add(index: number, uniform: boolean): void {
    this.#indices[this.#filled++] = index;
    this.at += this.#width;
    if (!uniform) this.#uniform = false;
    if (this.#filled === this.#rows) this.#insertMany();
  }

  /** Row `index` cannot be bound. */
  refuse(refusal: Refusal): void {
    this.refused.push(refusal);
  }

  /** The rest of the batch. */
  finish(): void {
    this.#makeIntegers();
    this.#insertEach();
    this.#forgetRows();
    this.refused.sort((one, other) => one.index - other.index);
  }

  #insertMany(): void {
    const statement = this.#uniform ? this.#manyCast : this.#many;
    if (!this.#uniform) this.#makeIntegers();
    try {
      // Values as arguments: from an array the driver fetches each with a property access, which takes longer than binding it.
      statement.run(...this.values);
    } catch (error) {
      this.#checkRefusal(error);
      this.#makeIntegers();
      this.#insertEach();
    }
    this.#forgetRows();
  }

  /** One row after the other, to find those that are refused. */
  #insertEach(): void {
    const width = this.#width;
    for (const [row, index] of this.#indices.subarray(0, this.#filled).entries()) {
      try {
        this.#one.run(...this.values.slice(row * width, (row + 1) * width));
      } catch (error) {
        this.#checkRefusal(error, index);
        this.refused.push({ index, reason: reasonOf(error), message: messageOf(error) });
      }
    }
  }

  /** For statements without CAST: see {@link holdsIntegers}. */
  #makeIntegers(): void {
    const { values } = this;
    for (let first = 0; first < this.at; first += this.#width) {
      for (const place of this.#integers) {
        const value = values[first + place];
        if (Number.isSafeInteger(value) && !Object.is(value, -0))
          values[first + place] = BigInt(value as number);
      }
    }
  }

  /** Throws unless the error is that of a row and left the transaction as it was. */
  #checkRefusal(error: unknown, index?: number): void {
    const known = sqliteError('write', this.#path, error);
    if (known.kind !== 'record') throw known;
    if (this.#database.inTransaction) return;
    // A constraint with ON CONFLICT ROLLBACK, or a trigger: the rows before it are gone as well.
    throw new TrancheError(known.code, known.message, {
      kind: 'record',
      operation: 'write',
      path: this.#path,
      cause: error,
      ...(index === undefined ? {} : { index }),
    });
  }

  #forgetRows(): void {
    this.#filled = 0;
    this.at = 0;
    this.#uniform = true;
  }
}

function reasonOf(error: unknown): Refusal['reason'] {
  const code = systemCode(error) ?? '';
  if (code === 'SQLITE_MISMATCH' || code === 'SQLITE_CONSTRAINT_DATATYPE') return 'type';
  return code.startsWith('SQLITE_CONSTRAINT') ? 'constraint' : 'refused';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

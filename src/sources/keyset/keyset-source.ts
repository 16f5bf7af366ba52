import type { Batch } from '../../core/batch.js';
import { TrancheError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Position } from '../../core/position.js';
import type { Description, OpenSource, Source, SourceSize, Verdict } from '../../core/source.js';
import { KeysetBatch } from './keyset-batch.js';
import type { KeysetPage, KeysetTable } from './keyset-table.js';
import { asKeysetPosition, beginning, type KeysetPosition, tellPosition } from './position.js';

/** Rows of the first page, whose size nobody knows. */
const FIRST_ROWS = 1000;

/**
 * Reads a table in the order of a key, a page at a time, each from the last key of the one before on: never by counting rows. A page is asked for while the one before is written.
 */
export class KeysetSource implements Source {
  readonly name: string;
  readonly format = null;
  readonly #connect: (signal: AbortSignal) => Promise<KeysetTable>;
  #table: Promise<KeysetTable> | null = null;
  /** Known once the table is. */
  #key: readonly string[] = [];

  /** `connect` is called when the table is first needed. */
  constructor(name: string, connect: (signal: AbortSignal) => Promise<KeysetTable>) {
    this.name = name;
    this.#connect = connect;
  }

  async describe(signal: AbortSignal): Promise<Description> {
    const { columns } = await this.#connected(signal);
    return { columns, notes: [] };
  }

  async *open({ from, limits, columns, signal }: OpenSource): AsyncGenerator<Batch> {
    const table = await this.#connected(signal);
    if (columns.length > 0) this.#checkColumns(table, columns);
    let at: KeysetPosition = from ? asKeysetPosition(from) : beginning;
    let rows = Math.min(limits.records, FIRST_ROWS);
    let next = ask(table, at.key, rows, signal);
    for (let first = true; ; first = false) {
      const page = await next.catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (page === null || signal.aborted) return;
      const { count } = page.records;
      if (count === 0 && !first) return page.release();
      const batch = new KeysetBatch(page, at, this.name);
      if (count > 0) {
        at = asKeysetPosition(batch.end);
        rows = Math.max(
          1,
          Math.min(limits.records, Math.floor((limits.bytes * count) / Math.max(page.bytes, 1))),
        );
        next = ask(table, at.key, rows, signal);
      }
      yield batch;
      if (count === 0) return;
    }
  }

  async identify(): Promise<JsonObject> {
    const { key, identity } = await this.#connected(new AbortController().signal);
    return { key, identity };
  }

  /** More rows may have come behind the key; whether there are any is seen when they are read. */
  async verify(was: JsonObject): Promise<Verdict> {
    const { key, identity } = await this.#connected(new AbortController().signal);
    if (JSON.stringify(was['key']) !== JSON.stringify(key)) {
      return {
        kind: 'rewritten',
        was: `read by the key ${String(was['key'])}`,
        is: `read by ${key.join(', ')}`,
      };
    }
    if (was['identity'] !== identity) {
      return { kind: 'rewritten', was: String(was['identity']), is: identity };
    }
    return { kind: 'grown' };
  }

  tell(position: Position): string {
    return tellPosition(this.name, this.#key, position);
  }

  async size(): Promise<SourceSize> {
    return {};
  }

  async close(): Promise<void> {
    const table = await this.#table?.catch(() => null);
    this.#table = null;
    await table?.close();
  }

  async #connected(signal: AbortSignal): Promise<KeysetTable> {
    this.#table ??= this.#connect(signal);
    try {
      const table = await this.#table;
      this.#key = table.key;
      return table;
    } catch (error) {
      this.#table = null;
      throw error;
    }
  }

  /** The columns of a checkpoint have to be those of the table, which may have been changed since. */
  #checkColumns(table: KeysetTable, columns: OpenSource['columns']): void {
    const was = columns.map(({ name }) => name);
    const is = table.columns.map(({ name }) => name);
    if (JSON.stringify(was) === JSON.stringify(is)) return;
    throw new TrancheError(
      'source_changed',
      `${this.name} has other columns than before: it had ${was.join(', ')}; it has ${is.join(', ')}`,
      { path: this.name, hint: 'start from the beginning with --fresh' },
    );
  }
}

/** Nobody may be waiting for the page when it fails. */
function ask(
  table: KeysetTable,
  after: readonly string[] | null,
  rows: number,
  signal: AbortSignal,
): Promise<KeysetPage> {
  const page = table.page(after, rows, signal);
  page.catch(() => undefined);
  return page;
}

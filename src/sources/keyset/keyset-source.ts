import type { Batch } from '../../core/batch.js';
import { TrancheError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Position } from '../../core/position.js';
import type { Description, OpenSource, Source, SourceSize, Verdict } from '../../core/source.js';
import { KeysetBatch } from './keyset-batch.js';
import type { KeysetTable } from './keyset-table.js';
import { asKeysetPosition, beginning, type KeysetPosition, tellPosition } from './position.js';

/**
 * Reads a table in the order of a key, and goes on behind the last one: never by counting rows. A table that has no key is read in one go.
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
    if (table.key.length === 0 && at.record > 0) throw this.#cannotGoOn();
    let isEmpty = true;
    try {
      for await (const page of table.pages(at.key, limits, signal)) {
        if (signal.aborted) return;
        const batch = new KeysetBatch(page, at, this.name);
        at = asKeysetPosition(batch.end);
        isEmpty = false;
        yield batch;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (isEmpty && !signal.aborted) yield new KeysetBatch(table.none(), at, this.name);
  }

  async identify(): Promise<JsonObject> {
    const { key, identity } = await this.#connected(new AbortController().signal);
    return { key, identity };
  }

  /** Without a key nobody knows which rows have been read. Otherwise more rows may have come behind the key; whether there are any is seen when they are read. */
  async verify(was: JsonObject): Promise<Verdict> {
    const { key, identity } = await this.#connected(new AbortController().signal);
    if (key.length === 0)
      return { kind: 'rewritten', was: identity, is: 'read without a key: nobody knows where to go on' };
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

  #cannotGoOn(): TrancheError {
    return new TrancheError(
      'source_changed',
      `${this.name}: it is read without a key, and cannot be gone on with`,
      { path: this.name, hint: 'start from the beginning with --fresh, or name a key with --key' },
    );
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

import type { Column } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import type { BatchLimits } from '../../core/source.js';
import { jsonColumns } from '../../mysql/catalogue.js';
import { Connection } from '../../mysql/driver.js';
import { mysqlError } from '../../mysql/errors.js';
import { quoteIdentifier } from '../../mysql/quote.js';
import type { KeysetPage, KeysetTable } from '../keyset/keyset-table.js';
import { type FieldType, fieldType } from './field-types.js';
import { findKey } from './find-key.js';
import { RowPage } from './row-page.js';
import { RowReader } from './row-reader.js';
import type { MysqlSourceSettings } from './settings.js';

/** Seconds that the server keeps rows for somebody who does not take them: a target may be slow. */
const PATIENCE_SECONDS = 3600;

/** A column of the rows. */
interface ReadColumn extends FieldType {
  readonly name: string;
}

/** The rows of a table or of a query on a MySQL or MariaDB server. */
export class MysqlTable implements KeysetTable {
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly identity: string;
  readonly #settings: MysqlSourceSettings;
  readonly #read: readonly ReadColumn[];
  /** By column of the key: its place among the columns. */
  readonly #places: readonly number[];
  readonly #free: RowPage[] = [];
  #connection: Connection;

  private constructor(
    settings: MysqlSourceSettings,
    connection: Connection,
    read: readonly ReadColumn[],
    key: readonly string[],
  ) {
    this.#settings = settings;
    this.#connection = connection;
    this.#read = read;
    this.key = key;
    this.#places = key.map(name => read.findIndex(column => column.name === name));
    this.columns = read.map(({ name, type }) => ({ name, type, declared: false }));
    this.identity = settings.relation.kind === 'query' ? settings.relation.sql : settings.name;
  }

  /** Connects, and finds columns and key. */
  static async open(settings: MysqlSourceSettings, signal: AbortSignal): Promise<MysqlTable> {
    try {
      const connection = await Connection.open(settings.place, signal);
      try {
        const read = await describe(connection, settings);
        const names = read.map(({ name }) => name);
        const key = settings.keyless ? [] : await findKey(connection, settings, rowsOf(settings), names);
        checkKey(settings, read, key);
        return new MysqlTable(settings, connection, read, key);
      } catch (error) {
        connection.destroy();
        throw error;
      }
    } catch (error) {
      throw mysqlError('read', settings.name, error);
    }
  }

  /** The answer to one statement: rows as they were when it began. */
  async *pages(
    after: readonly string[] | null,
    limits: BatchLimits,
    signal: AbortSignal,
  ): AsyncGenerator<KeysetPage> {
    try {
      const reader = await this.#ask(after, limits, signal);
      try {
        for (let page = await reader.next(); page !== null; page = await reader.next())
          yield this.#page(page);
      } finally {
        // Whoever wants no more rows cannot tell the server so.
        if (!reader.hasEnded) this.#connection.destroy();
      }
    } catch (error) {
      throw mysqlError('read', this.#settings.name, error);
    }
  }

  none(): KeysetPage {
    return this.#page(this.#emptyPage());
  }

  async close(): Promise<void> {
    // Rows that nobody waits for may still be on their way.
    this.#connection.destroy();
  }

  async #ask(after: readonly string[] | null, limits: BatchLimits, signal: AbortSignal): Promise<RowReader> {
    if (!this.#connection.isAlive) this.#connection = await Connection.open(this.#settings.place, signal);
    await this.#connection.run(`SET SESSION net_write_timeout = ${PATIENCE_SECONDS}`, [], signal);
    const reader = new RowReader(this.#connection, limits, () => this.#emptyPage());
    reader.begin(this.#select(after), signal);
    return reader;
  }

  #emptyPage(): RowPage {
    const page = this.#free.pop() ?? new RowPage(this.#read.map(({ type }) => isText(type)));
    page.clear();
    return page;
  }

  #page(page: RowPage): KeysetPage {
    return {
      records: page.records(),
      bytes: page.bytes,
      keyOf: row => (this.key.length === 0 ? null : this.#places.map(place => page.value(row, place) ?? '')),
      text: row =>
        JSON.stringify(Object.fromEntries(this.#read.map(({ name }, c) => [name, page.value(row, c)]))),
      release: () => void this.#free.push(page),
    };
  }

  #select(after: readonly string[] | null): string {
    const names = this.key.map(quoteIdentifier);
    const condition = after === null ? '' : ` WHERE ${this.#behind(names, after)}`;
    const order = names.length === 0 ? '' : ` ORDER BY ${names.join(', ')}`;
    const list = this.#read.map(({ expression }) => expression).join(', ');
    return `SELECT ${list} FROM ${rowsOf(this.#settings)}${condition}${order}`;
  }

  /** `a >= 1 AND (a > 1 OR (a = 1 AND b > 2))`: the first part is what an index is used for. */
  #behind(names: readonly string[], after: readonly string[]): string {
    const literals = after.map((text, i) => this.#read[this.#places[i]!]!.literal!(text));
    const ways = names.map((name, i) => {
      const same = names.slice(0, i).map((before, j) => `${before} = ${literals[j]}`);
      return `(${[...same, `${name} > ${literals[i]}`].join(' AND ')})`;
    });
    if (ways.length === 1) return ways[0]!;
    return `${names[0]} >= ${literals[0]} AND (${ways.join(' OR ')})`;
  }
}

/** What stands behind FROM. */
function rowsOf({ place, relation }: MysqlSourceSettings): string {
  if (relation.kind === 'query') return `(${relation.sql}\n) AS tranche_rows`;
  const { schema, name } = relation.table;
  return `${quoteIdentifier(schema ?? place.database)}.${quoteIdentifier(name)}`;
}

async function describe(
  connection: Connection,
  settings: MysqlSourceSettings,
): Promise<readonly ReadColumn[]> {
  const { place, relation } = settings;
  const fields = await connection.fields(`SELECT * FROM ${rowsOf(settings)} LIMIT 0`);
  const json =
    relation.kind === 'table'
      ? await jsonColumns(connection, relation.table.schema ?? place.database, relation.table.name)
      : new Set<string>();
  return fields.map(field => ({ name: field.name, ...fieldType(field, json) }));
}

function checkKey(settings: MysqlSourceSettings, read: readonly ReadColumn[], key: readonly string[]): void {
  const bad = read.find(({ name, literal }) => key.includes(name) && literal === null);
  if (!bad) return;
  throw new TrancheError(
    'usage',
    `${settings.name}: rows cannot be read by the key ${bad.name}, whose order is not that of its texts`,
    {
      path: settings.name,
      hint: 'name other columns that tell its rows apart: --key COL[,COL]',
    },
  );
}

function isText(type: Column['type']): boolean {
  return type === 'text' || type === 'json' || type === 'binary';
}

import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import type { OutputColumn } from '#tranche/core/columns.js';
import { tableText } from '#tranche/core/database-url.js';
import type { Records } from '#tranche/core/records.js';
import type { OpenTarget, Written } from '#tranche/core/target.js';
import { Connection } from '#tranche/mysql/driver.js';
import { type MysqlPlace, mysqlPlace, parseMysqlUrl } from '#tranche/mysql/place.js';
import { MysqlTarget } from '#tranche/targets/mysql/mysql-target.js';
import type { MysqlSettings } from '#tranche/targets/mysql/settings.js';
import { type CsvCell, csvRecords } from './csv-records.js';
import { columnsOf, opening, writing } from './target-calls.js';

/** Where the server of the tests is; its database is only the way in. */
const url = process.env['TRANCHE_TEST_MYSQL'] ?? 'mysql://root@127.0.0.1:3306/test';

const server = mysqlPlace(parseMysqlUrl(url));

/** Why tests that need the server are skipped; false if it answers. With `CI=true` it has to. */
export const withoutMysql: string | false = await Connection.open(server).then(
  async connection => {
    await connection.end();
    return false as const;
  },
  (error: unknown) => {
    if (process.env['CI'] === 'true') throw error;
    return `no MySQL or MariaDB server answers at ${server.name}`;
  },
);

/** A database of its own, dropped when the tests of the file are over. */
export class TestDatabase {
  readonly name: string;
  /** Null where there is no server, and the tests are skipped. */
  readonly #opened: Connection | null;

  private constructor(name: string, connection: Connection | null) {
    this.name = name;
    this.#opened = connection;
  }

  static async make(): Promise<TestDatabase> {
    const name = `tranche_${randomBytes(6).toString('hex')}`;
    if (withoutMysql) return new TestDatabase(name, null);
    const connection = await Connection.open(server);
    await connection.run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    const database = new TestDatabase(name, connection);
    after(async () => await database.drop());
    return database;
  }

  /** `mysql://…/name#table`, with another host, user or parameters where given. */
  url(
    table: string,
    changes: { readonly port?: number; readonly user?: string; readonly query?: string } = {},
  ): string {
    const made = new URL(url);
    made.pathname = `/${this.name}`;
    if (changes.port !== undefined) {
      made.hostname = '127.0.0.1';
      made.port = String(changes.port);
    }
    if (changes.user !== undefined) {
      const [user = '', password = ''] = changes.user.split(':');
      made.username = user;
      made.password = password;
    }
    made.search = changes.query ?? made.search;
    made.hash = '';
    return `${made.href}#${tableText({ schema: null, name: table })}`;
  }

  place(port?: number): MysqlPlace {
    return mysqlPlace(parseMysqlUrl(this.url('t', port === undefined ? {} : { port })));
  }

  /** Does something by a connection of the test's own. */
  async run(...statements: readonly string[]): Promise<void> {
    await this.#connection.run(`USE ${this.name}`);
    for (const statement of statements) await this.#connection.run(statement);
  }

  /** The rows of a query, as the driver reads them: numbers that a double holds, everything else as text. */
  async rows(sql: string): Promise<unknown[][]> {
    await this.#connection.run(`USE ${this.name}`);
    const rows = await this.#connection.query(sql);
    return rows.map(row => Object.values(row));
  }

  async drop(): Promise<void> {
    await this.#connection.run(`DROP DATABASE IF EXISTS ${this.name}`);
    await this.#connection.end();
  }

  get #connection(): Connection {
    if (this.#opened) return this.#opened;
    throw new TypeError('there is no server');
  }

  /** How table `t` is written. */
  settings(changes: Partial<MysqlSettings> = {}): MysqlSettings {
    return {
      place: this.place(),
      database: this.name,
      table: 't',
      mode: 'append',
      onConflict: 'error',
      key: null,
      ledgerDatabase: this.name,
      ...changes,
    };
  }

  /** A target of table `t`. */
  target(changes: Partial<MysqlSettings> = {}): MysqlTarget {
    return new MysqlTarget(this.settings(changes));
  }

  /** Writes rows of CSV into table `t` as a whole job, and answers what became of them. */
  async load(
    columns: readonly string[],
    rows: readonly (readonly CsvCell[])[],
    settings: Partial<MysqlSettings> = {},
  ): Promise<Written> {
    return await this.loadRecords(columnsOf(...columns), csvRecords(rows), settings);
  }

  /** Writes one batch as a whole job. */
  async loadRecords(
    columns: readonly OutputColumn[],
    records: Records,
    settings: Partial<MysqlSettings> = {},
    changes: Partial<OpenTarget> = {},
  ): Promise<Written> {
    const target = this.target(settings);
    try {
      await target.open(opening(columns, changes));
      return await target.write(writing(records));
    } finally {
      await target.close();
    }
  }
}

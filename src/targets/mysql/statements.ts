import type { OutputColumn } from '../../core/columns.js';
import { quoteIdentifier } from '../../mysql/quote.js';
import type { ColumnRule } from './column-rule.js';

/** A column of the table, and where its values come from. */
export interface BoundColumn {
  /** As the table spells it. */
  readonly name: string;
  readonly source: OutputColumn;
  readonly rule: ColumnRule;
  readonly notNull: boolean;
}

/** How rows are put into a table. */
export interface InsertInto {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly BoundColumn[];
  readonly onConflict: 'error' | 'ignore' | 'update';
  /** As the table spells it. */
  readonly key: readonly string[];
}

/** Letters of a key of text: an index takes no more than 3072 bytes. */
const KEY_LETTERS = 255;

/** A table with its database, as SQL takes it. */
export function tableName(database: string, table: string): string {
  return `${quoteIdentifier(database)}.${quoteIdentifier(table)}`;
}

/** Makes a table. `exact` is a collation that tells all texts apart: keys of text are the same only if they are the same. */
export function createTable(
  name: string,
  columns: readonly OutputColumn[],
  key: readonly string[],
  exact: string,
): string {
  const isKey = new Set(key.map(column => column.toLowerCase()));
  const definitions = columns.map(column => {
    const inKey = isKey.has(column.name.toLowerCase());
    const type = inKey && isLong(column) ? keyType(column, exact) : typeOf(column, exact);
    return `${quoteIdentifier(column.name)} ${type}${inKey ? ' NOT NULL' : ''}`;
  });
  if (key.length > 0) definitions.push(`PRIMARY KEY (${key.map(quoteIdentifier).join(', ')})`);
  return `CREATE TABLE ${name} (${definitions.join(', ')}) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4`;
}

/** Fills a table from lines as `LineEncoder` makes them. */
export function loadLines({ database, table, columns }: InsertInto): string {
  const into = columns.map((column, place) =>
    readsVariable(column) ? `@v${place}` : quoteIdentifier(column.name),
  );
  const sets = columns.flatMap((column, place) =>
    readsVariable(column) ? [`${quoteIdentifier(column.name)} = ${converted(column, `@v${place}`)}`] : [],
  );
  return [
    `LOAD DATA LOCAL INFILE 'tranche' INTO TABLE ${tableName(database, table)} CHARACTER SET utf8mb4`,
    "FIELDS TERMINATED BY '\\t' ENCLOSED BY '' ESCAPED BY '\\\\' LINES STARTING BY '' TERMINATED BY '\\n'",
    `(${into.join(', ')})`,
    sets.length === 0 ? '' : `SET ${sets.join(', ')}`,
  ].join(' ');
}

/** What stands before the rows of an INSERT, and behind them. */
export function insertRows({ database, table, columns, onConflict, key }: InsertInto): {
  readonly head: string;
  readonly tail: string;
} {
  const names = columns.map(({ name }) => quoteIdentifier(name));
  const head = `INSERT INTO ${tableName(database, table)} (${names.join(', ')}) VALUES `;
  if (onConflict === 'error') return { head, tail: '' };
  const others = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => quoteIdentifier(name));
  const first = quoteIdentifier(key[0]!);
  const sets =
    onConflict === 'ignore' || others.length === 0
      ? [`${first} = ${tableName(database, table)}.${first}`]
      : others.map(name => `${name} = VALUES(${name})`);
  return { head, tail: ` ON DUPLICATE KEY UPDATE ${sets.join(', ')}` };
}

/** What stands before and behind the quoted text of a value in an INSERT. */
export function wrapOf({ rule }: BoundColumn): readonly [string, string] {
  switch (rule.kind) {
    case 'binary':
      return ["UNHEX('", "')"];
    case 'bit':
      return ['', ''];
    default:
      return ["'", "'"];
  }
}

function readsVariable({ rule }: BoundColumn): boolean {
  return rule.kind === 'binary' || rule.kind === 'bit';
}

function converted({ rule }: BoundColumn, variable: string): string {
  return rule.kind === 'binary' ? `UNHEX(${variable})` : `CAST(${variable} AS UNSIGNED)`;
}

/** Types whose column would be a LONGTEXT, which no index takes. */
function isLong({ type }: OutputColumn): boolean {
  return type === 'text' || type === 'json' || type === 'binary';
}

function keyType({ type }: OutputColumn, exact: string): string {
  return type === 'binary' ? `VARBINARY(${KEY_LETTERS})` : `VARCHAR(${KEY_LETTERS}) COLLATE ${exact}`;
}

function typeOf({ name, type }: OutputColumn, exact: string): string {
  switch (type) {
    case 'integer':
      return 'BIGINT';
    case 'real':
      return 'DOUBLE';
    case 'decimal':
      // As much as there is: 35 digits before the point, 30 behind it.
      return 'DECIMAL(65, 30)';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'timestamp':
    // In UTC. TIMESTAMP would end in 2038, and begin in 1970.
    case 'timestamptz':
      return 'DATETIME(6)';
    case 'binary':
      return 'LONGBLOB';
    case 'json':
      // MySQL's own JSON would round numbers and reorder keys.
      return `LONGTEXT COLLATE ${exact} CHECK (JSON_VALID(${quoteIdentifier(name)}))`;
    case 'text':
      return 'LONGTEXT';
    default:
      return type satisfies never;
  }
}

import { parseTableName, type TableName, tableText } from '../../core/database-url.js';
import { TrancheError } from '../../core/errors.js';

/** What is read: a table, or what a query answers. */
export type Relation =
  | { readonly kind: 'table'; readonly table: TableName }
  | { readonly kind: 'query'; readonly sql: string };

/** The options that say what is read. */
export interface RelationOptions {
  readonly fromTable?: string | undefined;
  readonly query?: string | undefined;
  readonly key?: readonly string[] | undefined;
  readonly resumeSource?: boolean | undefined;
}

/** What `#table`, `--from-table` or `--query` names. Throws `usage` if none of them does, or more than one. */
export function chosenRelation(place: string, inUrl: TableName | null, options: RelationOptions): Relation {
  const option = options.fromTable === undefined ? null : parseTableName(options.fromTable);
  const table = option ?? inUrl;
  if (inUrl && option && tableText(inUrl) !== tableText(option)) {
    throw wrong(
      place,
      `two tables are named, ${tableText(inUrl)} and ${tableText(option)}`,
      'leave out #table or --from-table',
    );
  }
  if (options.query === undefined) {
    if (table) return { kind: 'table', table };
    throw wrong(place, 'no table is named', `write ${place}#TABLE, or give --from-table or --query`);
  }
  if (table)
    throw wrong(place, `a table is named, ${tableText(table)}, and a query`, 'leave out one of them');
  if (!options.key && options.resumeSource !== false) {
    throw wrong(
      place,
      '--query needs a key to go on by',
      'name columns of it that tell rows apart: --key COL[,COL]',
    );
  }
  return { kind: 'query', sql: options.query };
}

/** The error for a table whose rows nothing tells apart. */
export function noKey(place: string): TrancheError {
  return wrong(
    place,
    'the table has no primary key and no unique index whose columns are NOT NULL, so that a run could not go on where it stopped',
    'name columns that tell rows apart: --key COL[,COL]; or read it in one go: --no-resume-source',
  );
}

/** Columns of `names` as the source spells them, and where they are. Throws `usage` for one that is not there. */
export function keyColumns(
  place: string,
  wanted: readonly string[],
  names: readonly string[],
): readonly number[] {
  return wanted.map(name => {
    const exact = names.indexOf(name);
    const index = exact >= 0 ? exact : names.findIndex(other => other.toLowerCase() === name.toLowerCase());
    if (index >= 0) return index;
    throw wrong(
      place,
      `--key: there is no column ${JSON.stringify(name)}`,
      `its columns: ${names.join(', ')}`,
    );
  });
}

/** The error for a key that is NULL somewhere, or the same for several rows. */
export function badKey(place: string, names: readonly string[], what: string): TrancheError {
  return wrong(
    place,
    `--key ${names.join(',')}: ${what}; behind a stop these rows would be lost`,
    'choose columns that are never NULL and tell all rows apart, or read it in one go: --no-resume-source',
  );
}

function wrong(place: string, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${place}: ${message}`, { path: place, hint });
}

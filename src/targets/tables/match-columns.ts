import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';

/** What matching needs to know of a column of a table. */
export interface TableColumn {
  readonly name: string;
  /** Filled by the server alone. */
  readonly generated: boolean;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
}

/** A column of a table, and the column of the records that goes into it. */
export interface MatchedColumn<C extends TableColumn> {
  readonly column: C;
  readonly source: OutputColumn;
}

/**
 * Finds for every column of the records the one of the table that has its name: the same spelling, else the only one that differs in case alone. Answers them in the order of
 * the records. Throws `usage` that lists both sides if a column has no counterpart, or if the table cannot do without a column that the records do not have.
 */
export function matchColumns<C extends TableColumn>(
  place: string,
  table: readonly C[],
  records: readonly OutputColumn[],
): readonly MatchedColumn<C>[] {
  const matched = records.flatMap(source => {
    const column = counterpart(table, source.name);
    return column && !column.generated ? [{ column, source }] : [];
  });
  const unknown = records.filter(source => !matched.some(one => one.source === source));
  const missing = table.filter(column => isRequired(column) && !matched.some(one => one.column === column));
  const twice = matched.filter(({ column }, i) => matched.findIndex(one => one.column === column) !== i);
  const problems = [
    unknown.length > 0 ? `it has no column ${names(unknown)} that can be written` : '',
    missing.length > 0 ? `the records have no ${names(missing)}, which must not be NULL` : '',
    twice.length > 0 ? `two columns of the records go into ${names(twice.map(({ column }) => column))}` : '',
  ].filter(problem => problem !== '');
  if (problems.length === 0) return matched;
  throw new TrancheError(
    'usage',
    `${place}: ${problems.join('; ')} (the table: ${names(table)}; the records: ${names(records)})`,
    {
      path: place,
      hint: 'choose and name columns with --select and --rename, or make the table anew with --mode replace',
    },
  );
}

/** Names as a message lists them. */
export function names(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => (/^[\w$]+$/.test(name) ? name : JSON.stringify(name))).join(', ');
}

function counterpart<C extends TableColumn>(table: readonly C[], name: string): C | undefined {
  const exact = table.find(column => column.name === name);
  if (exact) return exact;
  const alike = table.filter(column => column.name.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}

function isRequired({ generated, notNull, hasDefault }: TableColumn): boolean {
  return notNull && !hasDefault && !generated;
}

import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';

/** Columns that a table of SQLite can have. */
const MOST_COLUMNS = 2000;

/** Throws `usage` if no table could have these columns, before anything is touched. */
export function checkColumns(
  place: string,
  columns: readonly OutputColumn[],
  key: readonly string[] | null,
): void {
  if (columns.length > MOST_COLUMNS) {
    throw wrong(
      place,
      `${columns.length} columns: SQLite has at most ${MOST_COLUMNS}`,
      'choose some with --select',
    );
  }
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    if (name.includes('\0')) {
      throw wrong(
        place,
        `column ${JSON.stringify(name)}: SQLite has no NUL in names`,
        'give it another name with --rename',
      );
    }
    if (/\p{Surrogate}/u.test(name)) {
      throw wrong(
        place,
        `column ${JSON.stringify(name)}: it has half a surrogate pair, which is no character`,
        'leave it out with --select',
      );
    }
    const same = seen.get(name.toLowerCase());
    if (same !== undefined) {
      const hint = `give one another name: --rename ${name}=…`;
      throw wrong(
        place,
        `columns ${same} and ${name} are one to SQLite, which does not tell capitals apart`,
        hint,
      );
    }
    seen.set(name.toLowerCase(), name);
  }
  const strange = key?.filter(name => !seen.has(name.toLowerCase())) ?? [];
  if (strange.length > 0 && columns.length > 0) {
    throw wrong(
      place,
      `--key names no column of the records: ${strange.join(', ')}`,
      `they have ${names(columns)}`,
    );
  }
}

/** Names as a message lists them. */
export function names(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => name).join(', ');
}

function wrong(place: string, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${place}: ${message}`, { path: place, hint });
}

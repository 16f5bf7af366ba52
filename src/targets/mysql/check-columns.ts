import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import { names } from '../tables/match-columns.js';

/** Columns that a table of InnoDB can have. */
const MOST_COLUMNS = 1017;
/** Characters of a name. */
const NAME_LENGTH = 64;

/** Throws `usage` if no table could have these columns, before anything is touched. */
export function checkColumns(
  place: string,
  columns: readonly OutputColumn[],
  key: readonly string[] | null,
): void {
  if (columns.length > MOST_COLUMNS) {
    const message = `${columns.length} columns: a table has at most ${MOST_COLUMNS}`;
    throw wrong(place, message, 'choose some with --select');
  }
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const problem = nameProblem(name);
    if (problem !== null) {
      throw wrong(place, `column ${JSON.stringify(name)}: ${problem}`, 'give it another name with --rename');
    }
    const same = seen.get(name.toLowerCase());
    if (same !== undefined) {
      const message = `columns ${same} and ${name} are one to MySQL, which does not tell capitals apart`;
      throw wrong(place, message, `give one another name: --rename ${name}=…`);
    }
    seen.set(name.toLowerCase(), name);
  }
  const strange = key?.filter(name => !seen.has(name.toLowerCase())) ?? [];
  if (strange.length > 0 && columns.length > 0) {
    const message = `--key names no column of the records: ${strange.join(', ')}`;
    throw wrong(place, message, `they have ${names(columns)}`);
  }
}

/** Why MySQL has no table or column of this name; null if it can have one. */
export function nameProblem(name: string): string | null {
  if ([...name].length > NAME_LENGTH) return `a name has at most ${NAME_LENGTH} characters`;
  if (name === '' || name.endsWith(' ')) return 'a name is not empty and does not end in a space';
  if (/\0|[^\0-\uffff]/u.test(name)) return 'a name has no NUL and no character beyond U+FFFF';
  return null;
}

function wrong(place: string, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${place}: ${message}`, { path: place, hint });
}

import type { Column, OutputColumn } from '../core/columns.js';
import { TrancheError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import type { Renames } from '../formats/options.js';

/** The columns of the output: those selected, in that order, under their new names. Throws `usage` for a name that the source does not have. */
export function outputColumns(
  columns: readonly Column[],
  select: readonly string[] | undefined,
  rename: Renames | undefined,
): readonly OutputColumn[] {
  const taken = select ?? columns.map(({ name }) => name);
  const renames = rename ?? {};
  for (const name of Object.keys(renames)) indexOf(columns, name, '--rename');
  const output = taken.map(name => {
    const from = indexOf(columns, name, '--select');
    return { ...columns[from]!, name: Object.hasOwn(renames, name) ? renames[name]! : name, from };
  });
  checkDifferent(output);
  return output;
}

function indexOf(columns: readonly Column[], name: string, option: string): number {
  const index = columns.findIndex(column => column.name === name);
  if (index >= 0) return index;
  const names = columns.map(column => column.name);
  throw new TrancheError(
    'usage',
    `${option}: the source has no column ${JSON.stringify(name)}${didYouMean(name, names)}`,
    {
      hint: `its columns: ${names.join(', ')}`,
    },
  );
}

function checkDifferent(output: readonly OutputColumn[]): void {
  const seen = new Set<string>();
  for (const { name } of output) {
    if (seen.has(name))
      throw new TrancheError('usage', `the target would have two columns named ${JSON.stringify(name)}`);
    seen.add(name);
  }
}

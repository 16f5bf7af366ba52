import type { Column, OutputColumn } from '../core/columns.js';
import type { Portion } from './portion.js';

/** Portions to look at before the source's own columns are taken: their memory is held meanwhile. */
const MOST_PORTIONS = 64;

/**
 * Takes portions until one has records, and answers the keys of its records as columns (text, not declared: values carry their own type), with the
 * portions taken. If the transform lets nothing through, the columns are the source's.
 */
export async function learnColumns(
  portions: AsyncGenerator<Portion>,
  columns: readonly Column[],
): Promise<{ columns: readonly OutputColumn[]; portions: readonly Portion[] }> {
  const taken: Portion[] = [];
  while (taken.length < MOST_PORTIONS) {
    const { done, value } = await portions.next();
    if (done) break;
    taken.push(value);
    const names = keysOf(value);
    if (names.length > 0) return { columns: names.map(outputColumn), portions: taken };
  }
  return { columns: columns.map((column, from) => ({ ...column, from })), portions: taken };
}

function keysOf({ records }: Portion): string[] {
  const names = new Set<string>();
  if (records.form === 'objects') {
    for (const object of records.objects) for (const name of Object.keys(object)) names.add(name);
  }
  return [...names];
}

function outputColumn(name: string, from: number): OutputColumn {
  return { name, type: 'text', declared: false, from };
}

import type { Column, ColumnType, OutputColumn } from '../core/columns.js';
import type { Records } from '../core/records.js';
import type { Portion } from './portion.js';

/** Portions to look at before the source's own columns are taken: their memory is held meanwhile. */
const MOST_PORTIONS = 64;

/**
 * Takes portions until one has records, and answers the keys of its records as columns, with the portions taken. If the transform lets nothing through, the columns are the source's.
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
    const learnt = columnsOf(value.records, columns);
    if (learnt.length > 0) return { columns: learnt, portions: taken };
  }
  return { columns: columns.map((column, from) => ({ ...column, from })), portions: taken };
}

/** A column a key, in the order in which keys come up; its type is what all its values are. */
function columnsOf(records: Records, columns: readonly Column[]): OutputColumn[] {
  const types = new Map<string, ColumnType | null>();
  if (records.form === 'objects') {
    for (const object of records.objects) {
      for (const name of Object.keys(object))
        types.set(name, common(types.get(name) ?? null, typeOf(object[name])));
    }
  }
  return Array.from(types, ([name, type], from) => {
    const known = columns.find(column => column.name === name)?.type;
    // Dates and decimals come as strings: what the source said of them still holds.
    return { name, type: type === 'text' && known ? known : (type ?? 'text'), declared: false, from };
  });
}

function typeOf(value: unknown): ColumnType | null {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'integer' : 'real';
    case 'bigint':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'object':
      return value === null ? null : value instanceof Date || value instanceof Uint8Array ? 'text' : 'json';
    default:
      return value === undefined ? null : 'text';
  }
}

function common(one: ColumnType | null, other: ColumnType | null): ColumnType | null {
  if (one === null || other === null || one === other) return one ?? other;
  const numbers = [one, other].every(type => type === 'integer' || type === 'real');
  return numbers ? 'real' : 'text';
}

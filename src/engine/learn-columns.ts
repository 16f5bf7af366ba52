import type { Column, ColumnType, OutputColumn } from '../core/columns.js';
import type { Records } from '../core/records.js';
import type { Portion } from './portion.js';

/** Portions, and bytes of input, to look at before giving up: their memory is held meanwhile. */
const MOST_PORTIONS = 64;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Takes portions until one has records, and answers the keys of its records as columns, with the portions taken. Columns are null if the transform let
 * nothing through.
 */
export async function learnColumns(
  portions: AsyncGenerator<Portion>,
  columns: readonly Column[],
): Promise<{ columns: readonly OutputColumn[] | null; portions: readonly Portion[] }> {
  const taken: Portion[] = [];
  for (let bytes = 0; taken.length < MOST_PORTIONS && bytes < MOST_BYTES; ) {
    const { done, value } = await portions.next();
    if (done) break;
    taken.push(value);
    bytes += value.batch.bytes;
    const learnt = columnsOf(value.records, columns);
    if (learnt.length > 0) return { columns: learnt, portions: taken };
  }
  return { columns: null, portions: taken };
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

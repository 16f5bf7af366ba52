/**
 * What a column does to the values that are put into it: nothing, turn numbers into text, or turn text that looks like a number into
 * a number (`real` into a double, `numeric` into an integer where that is exact).
 */
export type Affinity = 'none' | 'text' | 'numeric' | 'real';

/** The affinity of a declared type, by the rules of SQLite ("Datatypes In SQLite", 3.1). In a STRICT table `ANY` leaves values alone. */
export function affinityOf(declared: string, strict: boolean): Affinity {
  const type = declared.toUpperCase();
  if (strict && type === 'ANY') return 'none';
  if (type.includes('INT')) return 'numeric';
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text';
  if (type === '' || type.includes('BLOB')) return 'none';
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric';
}

import { type Column, type ColumnType, columnTypes } from '../core/columns.js';
import { TrancheError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { parseList } from './list.js';

/** What `--types` asks for. */
export interface TypeChoice {
  /** How columns that are not declared get their type: from a sample, or all of them are text. */
  readonly others: 'infer' | 'text';
  /** By name, which may be any text: look it up with `Object.hasOwn`. */
  readonly declared: { readonly [column: string]: ColumnType };
}

const synonyms: Readonly<Record<string, ColumnType>> = {
  int: 'integer',
  int4: 'integer',
  int8: 'integer',
  bigint: 'integer',
  smallint: 'integer',
  long: 'integer',
  float: 'real',
  float4: 'real',
  float8: 'real',
  double: 'real',
  numeric: 'decimal',
  number: 'decimal',
  bool: 'boolean',
  datetime: 'timestamp',
  jsonb: 'json',
  bytea: 'binary',
  blob: 'binary',
  object: 'json',
  array: 'json',
  string: 'text',
  str: 'text',
  char: 'text',
  varchar: 'text',
};

const expected = 'infer, text or a list such as id:integer,price:decimal';

/**
 * Reads the value of `--types`: `infer`, `text`, or `column:type` pairs with commas between; `text` may stand in
 * the list for all other columns. Throws a `TypeError` that says what is expected.
 */
export async function parseTypes(text: string): Promise<TypeChoice> {
  let others: TypeChoice['others'] = 'infer';
  const declared: [string, ColumnType][] = [];
  for (const item of await parseList(text)) {
    const colon = item.lastIndexOf(':');
    if (colon > 0) declared.push([item.slice(0, colon).trim(), typeNamed(item.slice(colon + 1).trim())]);
    else if (item.trim() === 'infer' || item.trim() === 'text') others = item.trim() as TypeChoice['others'];
    else throw new TypeError(expected);
  }
  return { others, declared: Object.fromEntries(declared) };
}

/** Checks a {@link TypeChoice}. */
export function checkTypes(value: unknown): void {
  const { others, declared } = Object(value) as Partial<Record<keyof TypeChoice, unknown>>;
  const types: unknown[] = Object.values(Object(declared));
  const known = types.every(type => columnTypes.some(one => one === type));
  if ((others === 'infer' || others === 'text') && typeof declared === 'object' && known) return;
  throw new TypeError("types such as { others: 'infer', declared: { id: 'integer' } }");
}

/**
 * The columns of a source under a choice; `inferred` are the types of a sample. Throws a usage error if a column was declared that
 * the source does not have.
 */
export function chooseColumns(
  names: readonly string[],
  inferred: readonly ColumnType[],
  choice: TypeChoice,
): Column[] {
  for (const name of Object.keys(choice.declared)) {
    if (!names.includes(name)) throw unknownColumn(name, names);
  }
  return names.map((name, i) => {
    if (Object.hasOwn(choice.declared, name)) return { name, type: choice.declared[name]!, declared: true };
    const type = choice.others === 'text' ? 'text' : (inferred[i] ?? 'text');
    return { name, type, declared: false };
  });
}

function typeNamed(name: string): ColumnType {
  const lower = name.toLowerCase();
  const type =
    columnTypes.find(known => known === lower) ??
    (Object.hasOwn(synonyms, lower) ? synonyms[lower] : undefined);
  if (type !== undefined) return type;
  const suggestion = didYouMean(lower, [...columnTypes, ...Object.keys(synonyms)]);
  throw new TypeError(`${expected}, with types out of ${columnTypes.join(', ')}${suggestion}`);
}

function unknownColumn(name: string, names: readonly string[]): TrancheError {
  const suggestion = didYouMean(name, names);
  return new TrancheError(
    'usage',
    `--types names the column ${JSON.stringify(name)}, which the source does not have${suggestion}`,
    { hint: `its columns: ${names.join(', ')}` },
  );
}

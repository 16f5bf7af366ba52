/**
 * What a column of a table takes unchanged. MySQL turns many a text into another value without a word, also in strict mode (`00501` into 501, `24-1-2` into a date,
 * `.6` of a second into 1), so a text is looked at before it is sent; what this leaves open, ranges and existing days above all, the server checks.
 */
export type ColumnRule =
  | { readonly kind: 'text' | 'json' | 'binary' | 'double' | 'float' | 'date' | 'year' }
  /** `boolean`: `true` and `false` are 1 and 0. */
  | { readonly kind: 'integer' | 'bit'; readonly boolean: boolean }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** `digits`: of a second's fraction. */
  | { readonly kind: 'datetime' | 'time'; readonly digits: number }
  | { readonly kind: 'enum' | 'set'; readonly members: ReadonlySet<string> };

/** A type as the catalogue has it. */
export interface CatalogueType {
  /** `bigint`, `varchar`. */
  readonly name: string;
  /** `bigint(20) unsigned`, `enum('a','b')`. */
  readonly whole: string;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly fractionDigits: number | null;
}

/** The rule for a type. */
export function columnRule(type: CatalogueType): ColumnRule {
  switch (type.name) {
    case 'tinyint':
      return { kind: 'integer', boolean: type.whole.startsWith('tinyint(1)') };
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
      return { kind: 'integer', boolean: false };
    case 'bit':
      return { kind: 'bit', boolean: type.precision === 1 };
    case 'decimal':
      return { kind: 'decimal', precision: type.precision ?? 0, scale: type.scale ?? 0 };
    case 'datetime':
    case 'timestamp':
      return { kind: 'datetime', digits: type.fractionDigits ?? 0 };
    case 'time':
      return { kind: 'time', digits: type.fractionDigits ?? 0 };
    case 'enum':
    case 'set':
      return { kind: type.name, members: membersOf(type.whole) };
    case 'binary':
    case 'varbinary':
      return { kind: 'binary' };
    case 'double':
    case 'float':
    case 'date':
    case 'year':
    case 'json':
      return { kind: type.name };
    default:
      return { kind: type.name.endsWith('blob') ? 'binary' : 'text' };
  }
}

/** `enum('a','it''s')` → a, it's. */
function membersOf(whole: string): ReadonlySet<string> {
  const members = whole.matchAll(/'((?:[^']|'')*)'/g);
  return new Set([...members].map(match => match[1]!.replaceAll("''", "'")));
}

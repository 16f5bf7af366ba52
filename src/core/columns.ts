/**
 * What the values of a column are.
 *
 * - `integer`  canonical digits that fit 64 bits signed: no leading zero, no plus, no `-0`
 * - `real`     decimal literals that a double holds exactly as they are written (`0.5`, never `1.10`)
 * - `decimal`  any JSON number literal; its digits matter (`1.10`, `1e400`)
 * - `boolean`  `true` or `false`
 * - `date`     `YYYY-MM-DD`, a day that exists
 * - `timestamp` `YYYY-MM-DD HH:MM[:SS[.fraction]]`, `T` for the space allowed
 * - `timestamptz` the same with an offset or `Z`: an instant
 * - `json`     nested JSON (objects and arrays)
 * - `binary`   bytes, from databases alone; hexadecimal where there is only text, base64 in NDJSON
 * - `text`     everything else
 */
export type ColumnType =
  | 'integer'
  | 'real'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'json'
  | 'binary'
  | 'text';

/** Every column type, in the order in which inference prefers them. */
export const columnTypes: readonly ColumnType[] = [
  'integer',
  'real',
  'decimal',
  'boolean',
  'date',
  'timestamp',
  'timestamptz',
  'json',
  'binary',
  'text',
];

/** A column of a source. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Set with `--types`: a value that does not fit is a reject. Otherwise it was inferred and such a value is kept as text. */
  readonly declared: boolean;
}

/** A column of the output: which column of the source it shows, under which name. */
export interface OutputColumn extends Column {
  /** Index of the source's column. */
  readonly from: number;
}

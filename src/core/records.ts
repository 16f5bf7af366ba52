/**
 * The records of a batch, in the form in which the source has them. Nobody decodes what nobody asks for.
 */
export type Records = TextRecords | RowRecords | ObjectRecords;

/** What the bytes of a cell are. Kept in the upper three bits of an entry of {@link TextRecords.ends}. */
export const CellKind = {
  /** CSV, not quoted: the bytes are the text. */
  bare: 0,
  /** In quotes without escapes (CSV or a JSON string): the bytes between the quotes are the text. */
  quoted: 1,
  /** In quotes with escapes inside: the text has to be unescaped, as the syntax says. */
  escaped: 2,
  /** No value: a NULL marker of CSV, JSON `null`, a key that is missing. The bounds are not to be read. */
  null: 3,
  /** A JSON number literal. */
  number: 4,
  /** JSON `true` or `false`. */
  literal: 5,
  /** A JSON object or array. */
  nested: 6,
} as const;

/** Bits to shift an entry of `ends` right (unsigned) to get the {@link CellKind}. */
export const KIND_SHIFT = 29;
/** Mask that leaves the offset of an entry of `ends`: a batch has less than 512 MiB. */
export const END_MASK = 0x1fffffff;

/**
 * Records as bytes, with the bounds of records and cells. Valid until the batch is released.
 * Cell `c` of record `r` has index `r * width + c`.
 */
export interface TextRecords {
  readonly form: 'text';
  /** How `escaped` cells are to be read. */
  readonly syntax: 'csv' | 'json';
  /** For `csv`: the byte that escapes a quote inside quotes, and the quote itself. */
  readonly escape: number;
  readonly quote: number;
  /** UTF-8, whatever the encoding of the input. Every record in it is valid UTF-8. */
  readonly bytes: Buffer;
  /** True if no byte of the records is above 0x7f. */
  readonly ascii: boolean;
  /** True if every cell is `bare` or `null`: encoders may take a shorter way. */
  readonly plain: boolean;
  readonly count: number;
  /** Cells a record. 0 when the reader was not asked for cells (NDJSON passed through). */
  readonly width: number;
  /** First byte of each cell (inside its quotes). */
  readonly starts: Uint32Array;
  /** One past the last byte of each cell (inside its quotes), and its kind: see {@link END_MASK}, {@link KIND_SHIFT}. */
  readonly ends: Uint32Array;
  /** First byte of each record. */
  readonly recordStarts: Uint32Array;
  /** One past the last byte of each record, its line ending not included. */
  readonly recordEnds: Uint32Array;
  /**
   * Rows of a database: how it calls the type of each column (`postgres int8`). Where a target's column has a type of the same name it takes every value as it is.
   */
  readonly native?: readonly string[];
}

/** A value that a driver gave or takes. `bigint` for integers beyond 2^53, `Uint8Array` for binary. */
export type Value = null | boolean | number | bigint | string | Uint8Array | Date | object;

/** Records as rows of values, in the order of the source's columns. */
export interface RowRecords {
  readonly form: 'rows';
  readonly count: number;
  readonly rows: readonly (readonly Value[])[];
}

/** A record as people's own code sees it. */
export type RecordObject = { [column: string]: unknown };

/** Records as objects: what a transform answered. Keys may differ from record to record. */
export interface ObjectRecords {
  readonly form: 'objects';
  readonly count: number;
  readonly objects: readonly RecordObject[];
}

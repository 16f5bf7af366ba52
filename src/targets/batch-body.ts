import type { OutputColumn } from '../core/columns.js';
import type { Records } from '../core/records.js';
import type { Refusal, TargetTraits } from '../core/target.js';
import type { Encoder } from '../formats/encoder.js';
import { encoderOf, formatTraits } from './file/formatting.js';
import { GrowingBuffer } from './growing-buffer.js';
import type { TargetContext } from './target-kind.js';

/** How the records of a batch are written for somebody else to read: one JSON array, a JSON object a line, or CSV (TSV) with its header. */
export type BodyFormat = 'json' | 'ndjson' | 'csv' | 'tsv';

/** A batch, encoded. */
export interface EncodedBatch {
  /** Memory of its own: it lives as long as it is held. Empty where no record is in it. */
  readonly content: Buffer;
  /** Records in it. */
  readonly count: number;
  /** Records that the format cannot hold, in order of their index in the batch's records. */
  readonly refused: readonly Refusal[];
}

const LF = 0x0a;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Encodes batches one after the other; several may be on their way at once, for each has its own content. */
export class BatchBody {
  readonly #format: BodyFormat;
  readonly #encoder: Encoder;
  readonly #buffer = new GrowingBuffer();

  constructor(format: BodyFormat, columns: readonly OutputColumn[], context: TargetContext) {
    this.#format = format;
    this.#encoder = encoderOf(format === 'json' ? 'ndjson' : format, context)(columns);
  }

  encode(records: Records): EncodedBatch {
    const buffer = this.#buffer;
    buffer.length = 0;
    this.#begin();
    const refused = this.#encoder.encode(records, buffer);
    const count = records.count - refused.length;
    if (count === 0) return { content: Buffer.alloc(0), count, refused };
    if (this.#format === 'json') joinLines(buffer.content);
    return { content: Buffer.from(buffer.content), count, refused };
  }

  #begin(): void {
    const header = this.#format === 'json' ? Buffer.of(OPEN_ARRAY) : this.#encoder.header();
    this.#buffer.reserve(header.length);
    header.copy(this.#buffer.bytes);
    this.#buffer.length = header.length;
  }
}

/** What a format needs of the records. JSON that stays as it is is checked and handed on; nobody looks at its keys. */
export function bodyTraits(
  format: BodyFormat,
  context: TargetContext,
): Pick<TargetTraits, 'cells' | 'fixedColumns'> {
  const { cells, fixedColumns } = formatTraits(format === 'json' ? 'ndjson' : format, context);
  return { cells, fixedColumns };
}

/** The lines of NDJSON, each without its line feed: views of `content`. */
export function* linesOf(content: Buffer): Generator<Buffer> {
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf(LF, from);
    yield content.subarray(from, end);
    from = end + 1;
  }
}

/** Index in the batch's records of the record that is number `sent` (from 0) in what was encoded. */
export function recordIndexOf(sent: number, { refused }: EncodedBatch): number {
  let index = sent;
  for (const refusal of refused) if (refusal.index <= index) index++;
  return index;
}

/** Makes an array of lines behind an opening bracket, in place: no line feed can stand inside of a line. */
function joinLines(content: Buffer): void {
  for (let at = content.indexOf(LF); at >= 0; at = content.indexOf(LF, at + 1)) content[at] = COMMA;
  content[content.length - 1] = CLOSE_ARRAY;
}

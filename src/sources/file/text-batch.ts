import { type Batch, type Malformed, RAW_LIMIT, type RawRecord } from '../../core/batch.js';
import type { Location, Position } from '../../core/position.js';
import type { TextRecords } from '../../core/records.js';
import type { Scanner } from '../../formats/scanner.js';
import type { RecordTable } from '../../formats/table.js';
import type { BadRecord, BatchInput, BatchPlace } from './batch-place.js';
import { BatchPositions } from './batch-positions.js';
import { asFilePosition, asPosition } from './position.js';
import { UnreadableRecord } from './unreadable-record.js';

/** Records of one file, as bytes in a window. */
export class TextBatch implements Batch {
  readonly start: Position;
  readonly bytes: number;
  readonly records: TextRecords;
  readonly malformed: readonly Malformed[];
  readonly #positions: BatchPositions;
  readonly #lines: number;
  readonly #release: () => void;
  #end: Position | null = null;
  #released = false;

  constructor(
    place: BatchPlace,
    table: RecordTable,
    scanner: Scanner,
    input: BatchInput,
    release: () => void,
  ) {
    this.#positions = new BatchPositions(place, input, scanner.syntax === 'json');
    this.#release = release;
    this.start = asPosition(place.start);
    this.bytes = place.bytes;
    this.records = textRecords(place, table, scanner);
    const bad: readonly BadRecord[] = place.tooLong ? [place.tooLong] : table.malformed;
    this.malformed = bad.map((one, i) => this.#describe(one, one.before + i));
    this.#lines = this.records.count + bad.length + table.innerLines + table.blankLines;
  }

  /** To be asked for before the next batch is read; known from then on. */
  get end(): Position {
    this.#end ??= this.#positions.end(this.records.count + this.malformed.length, this.#lines);
    return this.#end;
  }

  locate(index: number): Location {
    return this.#positions.locate(this.records.recordStarts[index]!, this.#ordinal(index));
  }

  positionAfter(index: number): Position {
    return this.#positions.after(this.records.recordEnds[index]!, this.#ordinal(index) + 1);
  }

  bytesBefore(position: Position): number {
    const start = asFilePosition(this.start);
    const { file, offset } = asFilePosition(position);
    if (file !== start.file) return file < start.file ? 0 : this.bytes;
    return Math.min(Math.max(offset - start.offset, 0), this.bytes);
  }

  raw(index: number): RawRecord {
    const { bytes, recordStarts, recordEnds } = this.records;
    return copyOf(bytes, recordStarts[index]!, recordEnds[index]!);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#release();
  }

  #describe(bad: BadRecord, ordinal: number): Malformed {
    const { raw, length } = copyOf(this.records.bytes, bad.start, bad.end);
    const at = this.#positions.locate(bad.start, ordinal);
    // The end of a record that is not in the window as a whole is the end of the batch.
    const endOf = () => (bad.length === undefined ? this.#positions.after(bad.end, ordinal + 1) : this.end);
    return new UnreadableRecord(bad, at, raw, bad.length ?? length, endOf);
  }

  /** Records of the batch before good record `index`, bad ones counted. */
  #ordinal(index: number): number {
    let bad = 0;
    while (bad < this.malformed.length && this.malformed[bad]!.before <= index) bad++;
    return index + bad;
  }
}

function textRecords({ window, ascii }: BatchPlace, table: RecordTable, scanner: Scanner): TextRecords {
  const { count, width } = table;
  return {
    form: 'text',
    syntax: scanner.syntax,
    escape: scanner.escape,
    quote: scanner.quote,
    bytes: window.bytes,
    ascii,
    plain: table.plain,
    count,
    width,
    starts: table.starts,
    ends: table.ends,
    recordStarts: table.recordStarts,
    recordEnds: table.recordEnds,
  };
}

function copyOf(bytes: Buffer, from: number, to: number): RawRecord {
  return { raw: Buffer.from(bytes.subarray(from, Math.min(to, from + RAW_LIMIT))), length: to - from };
}

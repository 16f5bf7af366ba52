import { isAscii } from 'node:buffer';
import { type Batch, type Malformed, RAW_LIMIT, type RawRecord } from '../../core/batch.js';
import type { Location, Position } from '../../core/position.js';
import type { TextRecords } from '../../core/records.js';
import type { KeptReject } from '../../core/reject.js';
import type { Scanner } from '../../formats/scanner.js';
import { RecordTable } from '../../formats/table.js';
import { weed } from '../file/weed.js';
import { scanAlone } from './scan-alone.js';

const LF = Buffer.from('\n');

/** A reject as it is sent again. */
export interface Piece {
  readonly reject: KeptReject;
  /** The record as the scanner is to read it, UTF-8. */
  readonly text: Buffer;
  /** Why nothing can be sent of it; null: it can. */
  readonly fault: string | null;
  /** Where the source stands behind it. */
  readonly end: Position;
}

/** How the records of a batch are found. */
export interface Scanning {
  readonly scanner: Scanner;
  readonly width: number;
  readonly maxRecordBytes: number;
}

/** Rejects as records of text. Each is scanned by itself: an open quote must not swallow the next one. */
export class RejectsBatch implements Batch {
  readonly start: Position;
  readonly end: Position;
  readonly bytes = 0;
  readonly records: TextRecords;
  readonly malformed: readonly Malformed[];
  readonly #pieces: readonly Piece[];
  /** Offset of each piece's text. */
  readonly #offsets: readonly number[];

  constructor(pieces: readonly Piece[], start: Position, scanning: Scanning) {
    this.start = start;
    this.end = pieces.at(-1)?.end ?? start;
    this.#pieces = pieces;
    let length = 0;
    this.#offsets = pieces.map(({ text }) => {
      const offset = length;
      length += text.length + LF.length;
      return offset;
    });
    const bytes = Buffer.concat(pieces.flatMap(({ text }) => [text, LF]));
    const table = this.#scan(bytes, scanning);
    this.records = textRecords(bytes, table, scanning.scanner);
    this.malformed = table.malformed.map(({ before, start, reason, message }) => {
      const { reject, text, fault, end } = this.#pieceAt(start);
      const kept = fault === null ? rawOf(text) : reject;
      return { before, at: reject.at, reason, message, raw: kept.raw, length: kept.length, end };
    });
  }

  locate(index: number): Location {
    return this.#pieceOf(index).reject.at;
  }

  positionAfter(index: number): Position {
    return this.#pieceOf(index).end;
  }

  bytesBefore(): number {
    return 0;
  }

  raw(index: number): RawRecord {
    return rawOf(this.#pieceOf(index).text);
  }

  release(): void {}

  #scan(bytes: Buffer, { scanner, width, maxRecordBytes }: Scanning): RecordTable {
    const table = new RecordTable(width);
    table.clear(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    for (const [i, { reject, text, fault }] of this.#pieces.entries()) {
      const start = this.#offsets[i]!;
      if (fault !== null) setAside(table, start, reject, fault);
      else scanAlone(bytes, start, start + text.length, scanner, table);
    }
    weed(table, bytes, 0, bytes.length, isAscii(bytes), maxRecordBytes);
    return table;
  }

  #pieceOf(index: number): Piece {
    return this.#pieceAt(this.records.recordStarts[index]!);
  }

  /** The piece whose text has the byte at `offset`. */
  #pieceAt(offset: number): Piece {
    let low = 0;
    let high = this.#offsets.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#offsets[middle]! <= offset) low = middle;
      else high = middle;
    }
    return this.#pieces[low]!;
  }
}

/** What cannot be sent stays what it is. */
function setAside(table: RecordTable, start: number, { reason }: KeptReject, message: string): void {
  table.malformed.push({ before: table.count, start, end: start, reason, message });
}

function rawOf(text: Buffer): RawRecord {
  return { raw: Buffer.from(text.subarray(0, RAW_LIMIT)), length: text.length };
}

function textRecords(bytes: Buffer, table: RecordTable, scanner: Scanner): TextRecords {
  const { count, width, plain, starts, ends, recordStarts, recordEnds } = table;
  return {
    form: 'text',
    syntax: scanner.syntax,
    escape: scanner.escape,
    quote: scanner.quote,
    bytes,
    ascii: isAscii(bytes),
    plain,
    count,
    width,
    starts,
    ends,
    recordStarts,
    recordEnds,
  };
}

const TAB = 0x09;
const LF = 0x0a;
const BACKSLASH = 0x5c;
const QUOTE = 0x27;
const MINUS = 0x2d;
const ZERO = 0x30;
const N = 0x4e;
/** Digits of an integer that is copied while it is looked at: any of so many fits 64 bits. */
const SURE_DIGITS = 18;
/** Bytes of a piece at most. */
const PIECE_BYTES = 256 * 1024;
/** Bytes that a batch of long rows needs: taken at once, for memory that is let go stays with the process for a while. */
const LARGE = 8.5 * 1024 * 1024;
/** Bytes besides those of a value. */
const EXTRA = 8;

/**
 * By byte: what stands behind the backslash where it is escaped, 0 where it is not. The quote is escaped as well, so that a field can be put into an SQL literal as it
 * stands: `LOAD DATA` and literals know the same escapes.
 */
const escapes = new Uint8Array(256);
escapes[0] = ZERO;
escapes[TAB] = 0x74;
escapes[LF] = 0x6e;
escapes[BACKSLASH] = BACKSLASH;
escapes[QUOTE] = QUOTE;

const hexDigits = Buffer.from('0123456789ABCDEF');

/**
 * Rows as `LOAD DATA` reads them: fields with a tab behind each but the last, a line feed behind each row, `\N` for NULL, a backslash before what
 * would mean something. The memory is kept from batch to batch.
 */
export class LineBuffer {
  bytes: Buffer = Buffer.allocUnsafeSlow(1 << 20);
  length = 0;
  /** Rows that are whole. */
  count = 0;
  /** By row: one past its line feed. */
  ends: Uint32Array = new Uint32Array(1024);
  /** By row: the index of its record. */
  indices: Uint32Array = new Uint32Array(1024);

  /** Forgets the rows. */
  clear(): void {
    this.length = 0;
    this.count = 0;
  }

  /** Where row `row` begins. */
  startOf(row: number): number {
    return row === 0 ? 0 : this.ends[row - 1]!;
  }

  /** What stands from `from` to `end`, in pieces that every server takes as a packet. */
  *pieces(from: number, end: number): Generator<Buffer> {
    for (let at = from; at < end; at += PIECE_BYTES) {
      yield this.bytes.subarray(at, Math.min(at + PIECE_BYTES, end));
    }
  }

  /** Ends a row, which is that of record `index`. */
  endRow(index: number): void {
    // In place of the tab behind its last field.
    this.bytes[this.length - 1] = LF;
    if (this.count === this.ends.length) this.#growRows();
    this.ends[this.count] = this.length;
    this.indices[this.count++] = index;
  }

  /** Forgets a row that was begun. */
  dropRow(): void {
    this.length = this.startOf(this.count);
  }

  null(): void {
    this.reserve(EXTRA);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = BACKSLASH;
    bytes[at++] = N;
    bytes[at++] = TAB;
    this.length = at;
  }

  /** The text `bytes[start, end)`. */
  text(from: Buffer, start: number, end: number): void {
    this.reserve(2 * (end - start) + EXTRA);
    const { bytes } = this;
    let at = this.length;
    for (let i = start; i < end; i++) {
      const byte = from[i]!;
      const escaped = escapes[byte]!;
      if (escaped === 0) {
        bytes[at++] = byte;
      } else {
        bytes[at++] = BACKSLASH;
        bytes[at++] = escaped;
      }
    }
    bytes[at++] = TAB;
    this.length = at;
  }

  /** The canonical integer `bytes[start, end)`; false, and nothing is put, if it is none of at most 18 digits. */
  integer(from: Buffer, start: number, end: number): boolean {
    const first = from[start] === MINUS ? start + 1 : start;
    const digits = end - first;
    if (digits < 1 || digits > SURE_DIGITS) return false;
    if (from[first] === ZERO && (digits > 1 || first > start)) return false;
    this.reserve(digits + EXTRA);
    const { bytes } = this;
    let at = this.length;
    if (first > start) bytes[at++] = MINUS;
    for (let i = first; i < end; i++) {
      const byte = from[i]!;
      if (byte < ZERO || byte > 0x39) return false;
      bytes[at++] = byte;
    }
    bytes[at++] = TAB;
    this.length = at;
    return true;
  }

  /** Bytes of any kind, in hexadecimal. */
  hex(from: Uint8Array, start: number, end: number): void {
    this.reserve(2 * (end - start) + EXTRA);
    const { bytes } = this;
    let at = this.length;
    for (let i = start; i < end; i++) {
      const byte = from[i]!;
      bytes[at++] = hexDigits[byte >>> 4]!;
      bytes[at++] = hexDigits[byte & 15]!;
    }
    bytes[at++] = TAB;
    this.length = at;
  }

  /** Room for so many bytes. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(needed <= LARGE ? LARGE : needed * 2);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  #growRows(): void {
    this.ends = doubled(this.ends);
    this.indices = doubled(this.indices);
  }
}

function doubled(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** Finds the column of a key by the bytes of the key, without making a string. */
export class KeyIndex {
  /** The key of each column as JSON is usually written, `"name":`, one behind the other. */
  readonly #bytes: Uint8Array;
  /** Where the key of each column begins in `#bytes`; one entry more for the end. */
  readonly #offsets: Uint32Array;
  /** The same in words of four bytes; the last word of a key ends with the key and overlaps the one before. */
  readonly #words: Int32Array;
  readonly #wordOffsets: Uint32Array;

  readonly #byName: ReadonlyMap<string, number>;
  /** Column + 1 by hash, 0 for none; the next slot is tried on a collision. */
  readonly #slots: Uint32Array;

  constructor(columns: readonly string[]) {
    const keys = columns.map(name => Buffer.from(`${JSON.stringify(name)}:`));
    this.#bytes = Uint8Array.from(Buffer.concat(keys));
    this.#offsets = new Uint32Array(columns.length + 1);
    this.#words = Int32Array.from(keys.flatMap(wordsOf));
    this.#wordOffsets = new Uint32Array(columns.length + 1);
    this.#byName = new Map(columns.map((name, column) => [name, column]));
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(columns.length * 2 + 2)));
    for (const [column, key] of keys.entries()) {
      this.#offsets[column + 1] = this.#offsets[column]! + key.length;
      this.#wordOffsets[column + 1] = this.#wordOffsets[column]! + wordsOf(key).length;
      this.#slots[this.#freeSlot(hashOf(key, 1, key.length - 2))] = column + 1;
    }
  }

  /** Behind the colon if the bytes at `start` are the key of `column` written as usual; else -1. */
  match(view: DataView, start: number, column: number): number {
    const end = start + this.#offsets[column + 1]! - this.#offsets[column]!;
    const last = this.#wordOffsets[column + 1]! - 1;
    let word = this.#wordOffsets[column]!;
    if (word > last || end > view.byteLength || view.getInt32(end - 4, true) !== this.#words[last]) return -1;
    for (let i = start; word < last; i += 4, word++) {
      if (view.getInt32(i, true) !== this.#words[word]) return -1;
    }
    return end;
  }

  /** The column of the key `bytes[start, end)` (inside its quotes), or -1. */
  find(bytes: Buffer, start: number, end: number, escaped: boolean): number {
    if (escaped)
      return this.#byName.get(JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string) ?? -1;
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
      const column = this.#slots[slot]! - 1;
      if (column < 0 || this.#isKey(column, bytes, start, end)) return column;
    }
  }

  #freeSlot(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }

  #isKey(column: number, bytes: Buffer, start: number, end: number): boolean {
    const offset = this.#offsets[column]! + 1;
    if (this.#offsets[column + 1]! - 2 - offset !== end - start) return false;
    for (let i = start; i < end; i++) {
      if (bytes[i] !== this.#bytes[offset + i - start]) return false;
    }
    return true;
  }
}

/** Nothing for the empty key: it has no four bytes. */
function wordsOf(key: Buffer): number[] {
  if (key.length < 4) return [];
  const words: number[] = [];
  for (let i = 0; i + 4 < key.length; i += 4) words.push(key.readInt32LE(i));
  return [...words, key.readInt32LE(key.length - 4)];
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  return hash ^ (hash >>> 15);
}

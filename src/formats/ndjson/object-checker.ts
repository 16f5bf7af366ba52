import type { ObjectWalk } from './object-walk.js';
import { CLOSE_OBJECT, COMMA, integerEnd, isContainer, type JsonSyntax, plainEnd, QUOTE } from './syntax.js';

/** Keys of a record that are remembered. */
const REMEMBERED = 256;

/** Checks objects with any keys. Keys mostly are those of the record before, at the same place: these are compared, not read. */
export class ObjectChecker implements ObjectWalk {
  readonly unknownKey = null;

  readonly #json: JsonSyntax;
  /** By place in the object: where a valid key with its colon was seen. */
  readonly #starts = new Uint32Array(REMEMBERED);
  readonly #ends = new Uint32Array(REMEMBERED);

  constructor(json: JsonSyntax) {
    this.#json = json;
  }

  begin(): void {
    this.#ends.fill(0);
    this.#starts.fill(0);
  }

  object(bytes: Buffer, view: DataView, start: number): number {
    const json = this.#json;
    let i = json.space(bytes, start + 1);
    if (bytes[i] === CLOSE_OBJECT) return i + 1;
    for (let place = 0; ; place++) {
      let value = this.#match(view, i, place);
      if (value < 0) {
        value = json.key(bytes, i);
        if (value < 0) return -1;
        if (place < REMEMBERED) {
          this.#starts[place] = i;
          this.#ends[place] = value;
        }
      }

      if (bytes[value]! <= 0x20) value = json.space(bytes, value);
      i = this.#value(bytes, value);
      if (i < 0) return -1;

      if (bytes[i]! <= 0x20) i = json.space(bytes, i);
      if (bytes[i] === CLOSE_OBJECT) return i + 1;
      if (bytes[i] !== COMMA) return json.fail(i, 'expected , or }');
      i++;
      if (bytes[i]! <= 0x20) i = json.space(bytes, i);
    }
  }

  /** Behind the key at `start` if it is, byte for byte, the one that is remembered for its place; else -1. */
  #match(view: DataView, start: number, place: number): number {
    if (place >= REMEMBERED) return -1;
    const known = this.#starts[place]!;
    const length = this.#ends[place]! - known;
    const end = start + length;
    if (length < 4 || end > view.byteLength) return -1;
    if (view.getInt32(end - 4, true) !== view.getInt32(known + length - 4, true)) return -1;
    for (let i = 0; i + 4 < length; i += 4) {
      if (view.getInt32(start + i, true) !== view.getInt32(known + i, true)) return -1;
    }
    return end;
  }

  #value(bytes: Buffer, start: number): number {
    const byte = bytes[start]!;
    if (byte === QUOTE) {
      const end = plainEnd(bytes, start + 1);
      if (bytes[end] === QUOTE) return end + 1;
    } else {
      const end = integerEnd(bytes, start);
      if (end >= 0) return end;
    }
    return isContainer(byte) ? this.#json.value(bytes, start) : this.#json.scalar(bytes, start);
  }
}

import type { SkipState } from '../scanner.js';
import type { CsvDialect } from './dialect.js';

const LF = 0x0a;
const CR = 0x0d;

/** Where in a record a piece of it ended. */
const State = {
  fieldStart: 0,
  bare: 1,
  quoted: 2,
  /** In quotes, the byte before was a CR. */
  quotedCr: 3,
  /** In quotes, the byte before was an escape. */
  escape: 4,
  /** The byte before was a quote that may have closed the field. */
  quote: 5,
  /** The byte before was a CR that ends the record. */
  cr: 6,
  /** This and above: so many bytes (plus 7) of a delimiter of several bytes have been seen. */
  delimiter: 7,
} as const;

/** The same rules as in RecordReader, a byte at a time, for records that are not kept: see `Scanner.skip`. */
export function skipRecord(
  bytes: Buffer,
  from: number,
  end: number,
  state: SkipState,
  dialect: CsvDialect,
): number {
  const { delimiter, quote } = dialect;
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (state.value === State.cr) return byte === LF ? at + 1 : at;
    if (state.value === State.bare || state.value === State.quoted) {
      const behind = passOver(
        bytes,
        at,
        end,
        state.value === State.bare ? delimiter[0]! : quote,
        dialect.escape,
      );
      if (behind > at) {
        at = behind;
        continue;
      }
    }
    const next = step(byte, state, dialect);
    at++;
    if (next === ENDED) return at;
    state.value = next;
  }
  return -1;
}

/** The text that changes nothing: up to a line ending or one of two bytes. */
function passOver(bytes: Buffer, from: number, end: number, one: number, other: number): number {
  let at = from;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte === LF || byte === CR || byte === one || byte === other) break;
  }
  return at;
}

const ENDED = -1;

function step(byte: number, state: SkipState, dialect: CsvDialect): number {
  switch (state.value) {
    case State.fieldStart:
      return byte === dialect.quote ? State.quoted : afterText(byte, dialect);
    case State.bare:
      return afterText(byte, dialect);
    case State.quoted:
    case State.quotedCr:
      return inQuotes(byte, state, dialect);
    case State.escape:
      return countLine(byte, state);
    case State.quote:
      return byte === dialect.quote && dialect.quote === dialect.escape
        ? State.quoted
        : afterText(byte, dialect);
    default:
      return inDelimiter(byte, state.value - State.delimiter, dialect);
  }
}

function afterText(byte: number, { delimiter }: CsvDialect): number {
  if (byte === LF) return ENDED;
  if (byte === CR) return State.cr;
  if (byte !== delimiter[0]) return State.bare;
  return delimiter.length === 1 ? State.fieldStart : State.delimiter + 1;
}

function inQuotes(byte: number, state: SkipState, dialect: CsvDialect): number {
  if (byte === dialect.quote) return State.quote;
  if (byte === dialect.escape) return State.escape;
  return countLine(byte, state);
}

function countLine(byte: number, state: SkipState): number {
  if (byte === CR || (byte === LF && state.value !== State.quotedCr)) state.lines++;
  return byte === CR ? State.quotedCr : State.quoted;
}

function inDelimiter(byte: number, seen: number, dialect: CsvDialect): number {
  const { delimiter } = dialect;
  if (byte !== delimiter[seen]) return afterText(byte, dialect);
  return seen + 1 === delimiter.length ? State.fieldStart : State.delimiter + seen + 1;
}

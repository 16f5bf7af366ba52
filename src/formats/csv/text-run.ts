import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';
import { FIELD_EXTRA, needsQuotes, putQuoted } from './fields.js';
import type { CsvOutput } from './output.js';
import { firstByte, foundEither, fourTimes, wordsOf } from './words.js';

const LF = 0x0a;
const BOM_FIRST = 0xef;
/** Output of a single record, in bytes, above which it is none for {@link writeRun}. */
const LONG = 1 << 16;

/** What {@link writeRun} is to write, and how. */
export interface TextRun {
  readonly records: TextRecords;
  /** The memory of the records. */
  readonly words: DataView;
  /** For each field of the output the column of the source. */
  readonly from: readonly number[];
  /** How often, at most, a column of the source is in the output. */
  readonly copies: number;
  /** True if every field can be copied as it stands, quotes included. */
  readonly alike: boolean;
  /** True if fields with escapes can. */
  readonly escapedAlike: boolean;
}

/** Prepares records for {@link writeRun}. Null if it cannot help: a delimiter of several bytes, no quotes, or quotes that are not doubled. */
export function prepareTextRun(how: Omit<TextRun, 'words' | 'copies'>, output: CsvOutput): TextRun | null {
  const { delimiter, quote, escape: escaping } = output.dialect;
  if (delimiter.length > 1 || quote < 0 || quote !== escaping) return null;
  const copies = Math.max(...how.from.map(column => how.from.filter(other => other === column).length));
  return { ...how, copies, words: wordsOf(how.records.bytes) };
}

/**
 * The short way for what is usual: writes records from `first` on, before `behind`, until one comes that is long, has a field to be unescaped or may begin with a byte order mark,
 * and answers its index. Nothing of that one is written. Fields are copied in words of four bytes that may reach behind their end: what comes next is
 * written over that.
 */
export function writeRun(run: TextRun, first: number, behind: number, output: CsvOutput): number {
  const { records, words, from, copies, alike, escapedAlike } = run;
  const { bytes, width, starts, ends, recordStarts, recordEnds } = records;
  const { dialect, nullText } = output;
  const delimiter = dialect.delimiter[0]!;
  const delimiters = fourTimes(delimiter);
  const quotes = fourTimes(dialect.quote);
  const nullLength = nullText.length;
  const fields = from.length;
  const extra = fields * (FIELD_EXTRA + nullLength) + 4;
  let out = output.bytes;
  let outWords = wordsOf(out);
  let at = output.at;

  let r = first;
  for (; r < behind; r++) {
    const most = 2 * copies * (recordEnds[r]! - recordStarts[r]!) + extra;
    if (most > LONG || recordEnds[r]! + 4 > words.byteLength) break;
    if (at + most > out.length) {
      output.at = at;
      output.reserve(most);
      out = output.bytes;
      outWords = wordsOf(out);
    }
    const recordAt = at;
    let c = 0;
    for (; c < fields; c++) {
      if (c > 0) out[at++] = delimiter;
      const cell = r * width + from[c]!;
      const kind = ends[cell]! >>> KIND_SHIFT;
      if (kind === CellKind.null) {
        for (let i = 0; i < nullLength; i++) out[at++] = nullText[i]!;
        continue;
      }
      let start = starts[cell]!;
      let end = ends[cell]! & END_MASK;
      if (alike || kind === CellKind.escaped) {
        if (!alike && !escapedAlike) break;
        if (kind !== CellKind.bare) {
          start--;
          end++;
        } else if (c === 0 && bytes[start] === BOM_FIRST) {
          break;
        }
        for (let i = start, to = at; i < end; i += 4, to += 4) {
          outWords.setInt32(to, words.getInt32(i, true), true);
        }
        at += end - start;
        continue;
      }
      const length = end - start;
      let careful = length === 0 || length === nullLength || bytes[start] === BOM_FIRST;
      for (let i = start, to = at; i < end; i += 4, to += 4) {
        const word = words.getInt32(i, true);
        const hits = foundEither(word, delimiters, quotes);
        if (hits !== 0 && i + firstByte(hits) < end) {
          careful = true;
          break;
        }
        outWords.setInt32(to, word, true);
      }
      if (!careful) at += length;
      else if (needsQuotes(dialect, nullText, bytes, start, end))
        at = putQuoted(dialect, bytes, start, end, out, at);
      else at += bytes.copy(out, at, start, end);
    }
    if (c < fields) {
      at = recordAt;
      break;
    }
    out[at++] = LF;
  }
  output.at = at;
  return r;
}

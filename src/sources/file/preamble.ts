import { TrancheError } from '../../core/errors.js';
import type { BatchReader, Taken } from './batch-reader.js';
import { endsLine, LF } from './line-ends.js';
import type { FilePosition } from './position.js';

/** Bytes of a UTF-8 byte order mark. */
const BOM = Buffer.from('\ufeff');

/** Passes over a byte order mark, if there is one. */
export async function skipByteOrderMark(reader: BatchReader): Promise<void> {
  await reader.consume((bytes, last) => {
    if (bytes.length < BOM.length && !last) return null;
    return { bytes: bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0, lines: 0 };
  });
}

/** Passes over the line ending of a last line that had none when it was read. Anything else would be half a record: `source_changed`. */
export async function skipLateLineEnding(reader: BatchReader, at: FilePosition): Promise<void> {
  await reader.consume((bytes, last): Taken | null => {
    if (bytes.length === 0) return last ? { bytes: 0, lines: 0 } : null;
    if (!endsLine(bytes[0])) throw continued(at);
    if (bytes[0] === LF) return { bytes: 1, lines: 1 };
    if (bytes.length === 1 && !last) return null;
    return { bytes: bytes[1] === LF ? 2 : 1, lines: 1 };
  });
}

function continued({ path, offset }: FilePosition): TrancheError {
  return new TrancheError(
    'source_changed',
    `${path}: the line at byte ${offset}, which was the last and had no line ending, was continued`,
    {
      path,
      hint: 'start from the beginning with --fresh; --whole-lines leaves such a line for the next run',
    },
  );
}

const LF = 0x0a;

/** The line that the server names in the context of an error of COPY into `table`; undefined if it names none. */
export function lineOfCopy(where: string | undefined, table: string): number | undefined {
  const begin = `COPY ${table}, line `;
  const context = where ?? '';
  // At the beginning of a line: what follows may hold anything, for it shows the record.
  const at = context.startsWith(begin) ? 0 : context.indexOf(`\n${begin}`) + 1;
  if (at === 0 && !context.startsWith(begin)) return undefined;
  const line = Number.parseInt(context.slice(at + begin.length), 10);
  return Number.isNaN(line) ? undefined : line;
}

/**
 * Index of the record that has its last line at `line` (1-based), in bytes that were made for COPY: an empty line, then records that each end with LF. The server counts
 * every LF, those in quotes too.
 */
export function recordAtLine(bytes: Buffer, line: number, quote: number): number {
  let record = -1;
  let quoted = false;
  let lines = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) quoted = !quoted;
    else if (byte === LF) {
      lines++;
      if (lines >= line) return record;
      if (!quoted) record++;
    }
  }
  return record;
}

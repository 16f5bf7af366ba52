/** Text of others (names of files, parts of records) for a terminal or a log: one line, and no control sequences. */
export function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    letter => escapes[letter] ?? `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line for a POSIX shell that gives back exactly these words, and is safe to be shown: a control character is written as an octal number. */
export function shellLine(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** Control characters, besides those that a terminal shows as space. */
const controls = /((?:(?![\n\t])\p{Cc})+)/u;

function quoteWord(word: string): string {
  if (/^[\w./:@%+,-][\w./:@%+,=-]*$/.test(word)) return word;
  const pieces = word
    .split(controls)
    .map((piece, index) => (index % 2 === 0 ? inQuotes(piece) : byNumber(piece)));
  return pieces.join('') || "''";
}

function inQuotes(text: string): string {
  return text === '' ? '' : `'${text.replaceAll("'", `'\\''`)}'`;
}

function byNumber(text: string): string {
  const bytes = Array.from(Buffer.from(text), byte => `\\${byte.toString(8).padStart(3, '0')}`);
  return `"$(printf '${bytes.join('')}')"`;
}

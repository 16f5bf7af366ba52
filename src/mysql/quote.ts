/** A name of a database, table or column as SQL takes it, whatever characters it has: ``a`b`` → `` `a``b` ``. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A text as an SQL literal, for a session whose `sql_mode` takes backslashes as escapes (see `session.ts`). */
export function quoteText(text: string): string {
  const escaped = text.replace(/[\0\\']/g, found => (found === '\0' ? '\\0' : `\\${found}`));
  return `'${escaped}'`;
}

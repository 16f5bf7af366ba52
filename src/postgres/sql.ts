import type { TableName } from '../core/database-url.js';
import { TrancheError } from '../core/errors.js';

/** A name of a table or column as SQL takes it, whatever characters it has: `say "hi"` → `"say ""hi"""`. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table as SQL takes it. */
export function quoteTable({ schema, name }: TableName): string {
  return schema === null ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A text as an SQL literal, for statements that take no parameters; right whatever `standard_conforming_strings` is. */
export function quoteText(text: string): string {
  const body = text.replaceAll("'", "''");
  return body.includes('\\') ? ` E'${body.replaceAll('\\', '\\\\')}'` : `'${body}'`;
}

/** Bytes of a name that the server keeps; it cuts off what is longer, so that two names may become one. */
const NAME_BYTES = 63;

/** Throws `usage` for the first name that the server would not keep whole. `what`: what has this name. */
export function demandKept(what: string, names: readonly (string | null)[], hint: string): void {
  const long = names.find(name => name !== null && Buffer.byteLength(name) > NAME_BYTES);
  if (typeof long !== 'string') return;
  throw new TrancheError(
    'usage',
    `the name of ${what} has ${Buffer.byteLength(long)} bytes, and PostgreSQL keeps ${NAME_BYTES}: ${JSON.stringify(long)}`,
    { hint },
  );
}

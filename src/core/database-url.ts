import { TrancheError } from './errors.js';

/** A table as a person names it; exactly this spelling, never folded. */
export interface TableName {
  /** Null: where the server looks first. */
  readonly schema: string | null;
  readonly name: string;
}

/** A place in a database server: `scheme://user:password@host:port/database?parameter=value#schema.table`. What is missing is null. */
export interface DatabaseUrl {
  readonly scheme: string;
  readonly user: string | null;
  readonly password: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly database: string | null;
  readonly parameters: ReadonlyMap<string, string>;
  readonly table: TableName | null;
}

/** Reads a URL. Everything but the table may be percent-encoded. Throws `usage`, without the password, if it is none. */
export function parseDatabaseUrl(spec: string): DatabaseUrl {
  const [, scheme, authority, path, query, fragment] =
    /^([a-z]+):\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#(.*))?$/is.exec(spec) ?? [];
  if (scheme === undefined || authority === undefined) throw wrong(spec, 'it is no URL');
  const at = authority.lastIndexOf('@');
  const [user, password] = at < 0 ? [] : splitOnce(authority.slice(0, at), ':');
  const [host, port] = hostOf(spec, authority.slice(at + 1));
  return {
    scheme: scheme.toLowerCase(),
    user: decoded(spec, user),
    password: decoded(spec, password),
    host: decoded(spec, host),
    port,
    database: decoded(spec, path),
    parameters: new Map([...new URLSearchParams(query ?? '')]),
    table: fragment ? parseTableName(fragment) : null,
  };
}

/**
 * Reads `table` or `schema.table`. A part that holds a dot stands in double quotes, a quote inside doubled: `"my.schema"."a ""b"""`.
 * Throws a `TypeError` that says what is expected.
 */
export function parseTableName(text: string): TableName {
  const parts: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"(?=\.|$)|([^."][^.]*))(\.|$)/gsy;
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    const part = found?.[1]?.replaceAll('""', '"') ?? found?.[2];
    if (!part || part.includes('\0')) throw new TypeError(expected);
    parts.push(part);
    if (found![3] === '' && pattern.lastIndex === text.length) break;
    if (pattern.lastIndex === text.length) throw new TypeError(expected);
  }
  const [first, second, ...more] = parts;
  if (first === undefined || more.length > 0) throw new TypeError(expected);
  return second === undefined ? { schema: null, name: first } : { schema: first, name: second };
}

/** A table as {@link parseTableName} reads it. */
export function tableText({ schema, name }: TableName): string {
  return schema === null ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

/** The place as a message may show it: without password and parameters. */
export function placeText(url: DatabaseUrl, table: TableName | null = url.table): string {
  const user = url.user === null ? '' : `${encodeURIComponent(url.user)}@`;
  const port = url.port === null ? '' : `:${url.port}`;
  const host = url.host === null ? '' : encodeURIComponent(url.host).replaceAll('%3A', ':');
  const database = url.database === null ? '' : `/${encodeURIComponent(url.database)}`;
  return `${url.scheme}://${user}${host}${port}${database}${table ? `#${tableText(table)}` : ''}`;
}

const expected = 'a table: NAME or SCHEMA.NAME, in double quotes where a name holds a dot';

function hostOf(spec: string, text: string): [string | undefined, number | null] {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(text) ?? [];
  if (bracketed === undefined && plain === undefined) throw wrong(spec, 'its host cannot be read');
  return [bracketed ?? plain, port ? Number(port) : null];
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Null for what is missing or empty. */
function decoded(spec: string, text: string | undefined): string | null {
  if (text === undefined || text === '') return null;
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(spec, 'a % in it is not followed by two hexadecimal digits');
  }
}

function quoted(name: string): string {
  return /^[^".][^.]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function wrong(spec: string, what: string): TrancheError {
  const scheme = spec.split(':', 1)[0] ?? '';
  return new TrancheError('usage', `the ${scheme} URL cannot be read: ${what}`, {
    hint: `write ${scheme}://USER@HOST:PORT/DATABASE#SCHEMA.TABLE, with special characters of a password percent-encoded (# is %23)`,
  });
}

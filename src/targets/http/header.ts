/** A header of a request. */
export interface RequestHeader {
  readonly name: string;
  readonly value: string;
}

/** What stands for a value that was left out of a command. */
const LEFT_OUT = '***';

/** Headers that belong to the connection, or are made for each request. */
const ours: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'idempotency-key',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers whose values are no secret; those of all others may be. */
const harmless: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-language',
  'content-type',
  'prefer',
  'user-agent',
]);

/** `Name: value`. Throws a `TypeError` that says what is expected, without the value. */
export function parseHeader(text: string): RequestHeader {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new TypeError("a header such as 'X-Tenant: 7'");
  if (ours.has(name.toLowerCase())) throw new TypeError(`headers other than ${name}, which it sends itself`);
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new TypeError(`Latin characters on one line as the value of ${name}`);
  if (value === LEFT_OUT) throw new TypeError(`the value of ${name} in place of ${LEFT_OUT}`);
  return { name, value };
}

/** Throws a `TypeError` as {@link parseHeader} does for what is no list of headers. */
export function checkHeaders(value: unknown): void {
  if (!Array.isArray(value) || !value.every(isHeader))
    throw new TypeError('a list of headers, each with name and value');
  for (const { name, value: text } of value) parseHeader(`${name}: ${text}`);
}

/** A header as a command may be shown: `Authorization: ***`. */
export function withoutValue(text: string): string {
  const colon = text.indexOf(':');
  if (colon < 0) return LEFT_OUT;
  const name = text.slice(0, colon);
  return mayBeSecret(name) ? `${name}: ${LEFT_OUT}` : text;
}

/** Whether the value of a header may be a secret. */
export function mayBeSecret(name: string): boolean {
  return !harmless.has(name.toLowerCase());
}

function isHeader(header: unknown): header is RequestHeader {
  const { name, value } = (header ?? {}) as Partial<RequestHeader>;
  return typeof name === 'string' && typeof value === 'string';
}

/** Levels of nesting; more is taken for an object that contains itself. */
const DEPTH_LIMIT = 1000;

/**
 * JSON of a value as transforms and drivers give it: `bigint` and -0 by their digits, dates in ISO 8601, binary in base 64, keys that are undefined left out
 * as `JSON.stringify` does. Throws a `TypeError` for what JSON has no form for: infinities, NaN, invalid dates, functions, symbols, cycles.
 */
export function jsonText(value: unknown): string {
  return textOf(value, 0);
}

function textOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return numberText(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : objectText(value, depth + 1);
    default:
      throw new TypeError(`JSON has no form for a ${typeof value}`);
  }
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`JSON has no form for ${value}`);
  return Object.is(value, -0) ? '-0' : String(value);
}

function objectText(value: object, depth: number): string {
  if (depth > DEPTH_LIMIT)
    throw new TypeError(`nested deeper than ${DEPTH_LIMIT} levels, or an object within itself`);
  if (value instanceof Date) return dateText(value);
  if (value instanceof Uint8Array) {
    return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return textOf(value.toJSON(), depth);
  if (Array.isArray(value)) return `[${Array.from(value, item => textOf(item, depth)).join()}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${textOf(member, depth)}`).join()}}`;
}

function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) throw new TypeError('JSON has no form for an invalid date');
  return `"${date.toISOString()}"`;
}

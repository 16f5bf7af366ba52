import type { Value } from '../../core/records.js';

/** A value of a key as a position keeps it: its class stands before it, for SQLite orders by class first. */
export function keyText(value: Value): string {
  if (typeof value === 'bigint') return `i:${value}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `i:${value}` : `r:${value}`;
  if (value instanceof Uint8Array) return `b:${Buffer.from(value).toString('hex')}`;
  return `t:${String(value)}`;
}

/** The value that {@link keyText} made a text of. */
export function keyValue(text: string): bigint | number | string | Buffer {
  const rest = text.slice(2);
  switch (text[0]) {
    case 'i':
      return BigInt(rest);
    case 'r':
      return Number(rest);
    case 'b':
      return Buffer.from(rest, 'hex');
    default:
      return rest;
  }
}

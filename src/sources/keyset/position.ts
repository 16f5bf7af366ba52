import { grouped } from '../../core/grouped.js';
import type { Position } from '../../core/position.js';

/** Where in a table a record ends. */
export interface KeysetPosition {
  /** Its key, each value as the server writes it; null before the first record, and always where there is no key. */
  readonly key: readonly string[] | null;
  /** Records read so far. */
  readonly record: number;
}

/** Before the first record. */
export const beginning: KeysetPosition = { key: null, record: 0 };

/** Gives a position its type back. */
export function asKeysetPosition(position: Position): KeysetPosition {
  return position as unknown as KeysetPosition;
}

/** A position as the engine keeps it. */
export function asPosition(position: KeysetPosition): Position {
  return position as unknown as Position;
}

/** `shop.orders, behind id 17, record 1,234`. */
export function tellPosition(place: string, names: readonly string[], position: Position): string {
  const { key, record } = asKeysetPosition(position);
  const behind = key ? `, behind ${names.map((name, i) => `${name} ${key[i]}`).join(', ')}` : '';
  return `${place}${behind}, record ${grouped(record)}`;
}

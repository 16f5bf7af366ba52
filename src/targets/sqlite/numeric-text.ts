import { numberOf } from '../../formats/lossless.js';

/** Text that SQLite takes for a number where a column wants one. */
const numeric = /^[\t-\r ]*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[\t-\r ]*$/;
/** The part of it that has no zero, sign, space or point to lose. */
const literal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

const INT64_BITS = 64;

/**
 * What to bind so that a column which turns text into numbers holds what `text` says: the number of the same value, or the text itself if it is no
 * number. Undefined if the column would change it: leading zeros, more digits than the column can hold, `1e400`.
 */
export function numericValue(
  text: string,
  affinity: 'numeric' | 'real',
): string | number | bigint | undefined {
  if (!numeric.test(text)) return text;
  if (!literal.test(text)) return undefined;
  const value = numberOf(text);
  if (typeof value === 'string' || Object.is(value, -0)) return undefined;
  if (typeof value === 'number') return value;
  if (BigInt.asIntN(INT64_BITS, value) !== value) return undefined;
  return affinity === 'numeric' || BigInt(Number(value)) === value ? value : undefined;
}

/**
 * JSON of a nested value, with what `JSON.stringify` refuses or changes in silence: `bigint` is written as its digits, `-0` keeps its sign.
 * Undefined where a value has no JSON. Throws a TypeError for numbers that are not finite, a RangeError for circles.
 */
export function jsonText(value: unknown): string | undefined {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return jsonText(value.toJSON());
  if (Array.isArray(value)) return `[${value.map(item => jsonText(item) ?? 'null').join(',')}]`;
  const members = Object.entries(value).flatMap(([key, item]) => {
    const text = jsonText(item);
    return text === undefined ? [] : `${JSON.stringify(key)}:${text}`;
  });
  return `{${members.join(',')}}`;
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} is no number of JSON`);
  return Object.is(value, -0) ? '-0' : String(value);
}

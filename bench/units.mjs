/** Numbers as people read them. */

export const seconds = value => `${value < 1 ? value.toFixed(3) : value.toFixed(2)} s`;

export const megabytes = bytes => `${(bytes / 1e6).toFixed(0)} MB`;

export const thousands = value => Math.round(value).toLocaleString('en');

/** A value with the unit of its goal. */
export function quantity(value, unit) {
  if (unit === '×') return `${value.toFixed(2)}×`;
  if (unit === 's') return seconds(value);
  if (unit === 'bytes') return megabytes(value);
  return `${thousands(value)} ${unit}`;
}

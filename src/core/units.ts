const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1000 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1000 ** 3,
};

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `8MiB`, `500kB`, `1g` → bytes. IEC units are powers of 1024, SI units of 1000, a single letter is IEC. */
export function parseSize(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const factor = unit === undefined ? undefined : sizeUnits[unit.toLowerCase()];
  if (number === undefined || factor === undefined) throw new TypeError('a size such as 8MiB or 500kB');
  return Math.round(Number(number) * factor);
}

/** `200ms`, `30s`, `1h30m` → milliseconds. */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text))
    throw new TypeError('a duration such as 200ms, 30s or 1h30m');
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(number) * durationUnits[unit!]!;
  }
  return total;
}

/** The same, and longer than nothing. */
export function parsePositiveDuration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds <= 0) throw new TypeError('a duration longer than nothing, such as 30s or 1h30m');
  return milliseconds;
}

/** `10000`, `10_000` or `10,000` → a whole number of at least `least`. */
export function parseCount(least: number): (text: string) => number {
  return text => {
    const number = Number(text.replace(/(?<=\d)[_,](?=\d)/g, ''));
    if (!/^\d[\d_,]*$/.test(text) || !Number.isSafeInteger(number) || number < least) {
      throw new TypeError(`a whole number of at least ${least}`);
    }
    return number;
  };
}

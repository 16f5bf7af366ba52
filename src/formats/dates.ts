const DASH = 0x2d;
const COLON = 0x3a;
const DATE_LENGTH = 10;

/** True if `bytes[start, end)` is `YYYY-MM-DD`, a day of the years 0001 to 9999 that exists. */
export function isDate(bytes: Buffer, start: number, end: number): boolean {
  return end - start === DATE_LENGTH && startsWithDate(bytes, start);
}

/** True if `bytes[start, end)` is `YYYY-MM-DD HH:MM[:SS[.fraction]]`, with `T` or a space. */
export function isTimestamp(bytes: Buffer, start: number, end: number): boolean {
  return timeEnd(bytes, start, end) === end;
}

/** True if `bytes[start, end)` is a timestamp with an offset or `Z` behind it. */
export function isInstant(bytes: Buffer, start: number, end: number): boolean {
  const offset = timeEnd(bytes, start, end);
  return offset > 0 && offset < end && isOffset(bytes, offset, end);
}

/** Behind date and time, where an offset may stand; 0 if there is no date with a time. */
function timeEnd(bytes: Buffer, start: number, end: number): number {
  if (end - start < DATE_LENGTH + 6 || !startsWithDate(bytes, start)) return 0;
  let i = start + DATE_LENGTH;
  if (bytes[i] !== 0x20 && bytes[i] !== 0x54) return 0;
  if (!isBetween(bytes, i + 1, end, 0, 23)) return 0;
  if (bytes[i + 3] !== COLON || !isBetween(bytes, i + 4, end, 0, 59)) return 0;
  i += 6;
  if (i < end && bytes[i] === COLON) {
    if (!isBetween(bytes, i + 1, end, 0, 59)) return 0;
    i = fractionEnd(bytes, i + 3, end);
  }
  return i;
}

function startsWithDate(bytes: Buffer, start: number): boolean {
  const end = start + DATE_LENGTH;
  const century = twoDigits(bytes, start, end);
  const inCentury = twoDigits(bytes, start + 2, end);
  const month = twoDigits(bytes, start + 5, end);
  const day = twoDigits(bytes, start + 8, end);
  if (century < 0 || inCentury < 0 || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) return false;
  const year = century * 100 + inCentury;
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Behind `.` and at least one digit; where it began if there is none. */
function fractionEnd(bytes: Buffer, start: number, end: number): number {
  if (start >= end || bytes[start] !== 0x2e) return start;
  let i = start + 1;
  while (i < end && bytes[i]! >= 0x30 && bytes[i]! <= 0x39) i++;
  return i > start + 1 ? i : start;
}

/** `Z`, `+HH`, `+HHMM` or `+HH:MM`, up to 15 hours. */
function isOffset(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] === 0x5a) return end === start + 1;
  if (bytes[start] !== 0x2b && bytes[start] !== DASH) return false;
  if (!isBetween(bytes, start + 1, end, 0, 15)) return false;
  if (end === start + 3) return true;
  const minutes = bytes[start + 3] === COLON ? start + 4 : start + 3;
  return end === minutes + 2 && isBetween(bytes, minutes, end, 0, 59);
}

function isBetween(bytes: Buffer, start: number, end: number, least: number, most: number): boolean {
  const number = twoDigits(bytes, start, end);
  return number >= least && number <= most;
}

/** The number that two digits at `start` make, or -1. */
function twoDigits(bytes: Buffer, start: number, end: number): number {
  if (start + 2 > end) return -1;
  const tens = bytes[start]! - 0x30;
  const ones = bytes[start + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

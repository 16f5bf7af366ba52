import { numberOf } from '../../formats/lossless.js';
import { isInteger, isNumber, shortNumber } from '../../formats/numbers.js';

const ZERO = 0x30;
const NINE = 0x39;
const UNSIGNED_DIGITS = 20;
/** Significant digits that a FLOAT keeps. */
const FLOAT_DIGITS = 7;

const dateTimeForm = Buffer.from('0000-00-00 00:00:00');
const DATE_TIME_LENGTH = dateTimeForm.length;
const dateForm = Buffer.from('0000-00-00');
const DATE_LENGTH = dateForm.length;

const dateTime = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;
const time = /^-?\d{2,3}:\d\d:\d\d(?:\.\d+)?$/;

/** Whether the text is an integer with no sign or zero to lose. Its size is for the server to judge. */
export function isAnyInteger(bytes: Buffer, start: number, end: number): boolean {
  if (isInteger(bytes, start, end)) return true;
  if (end - start > UNSIGNED_DIGITS || bytes[start] === ZERO || start === end) return false;
  for (let i = start; i < end; i++) {
    if (bytes[i]! < ZERO || bytes[i]! > NINE) return false;
  }
  return true;
}

/** Whether a DECIMAL holds the number: not with digits to cut off, nor a zero with a sign. Numbers with an exponent are for the server to judge. */
export function isDecimal(
  bytes: Buffer,
  start: number,
  end: number,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): boolean {
  if (!isNumber(bytes, start, end)) return false;
  const [, sign, whole, fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?([eE].*)?$/.exec(bytes.toString('latin1', start, end)) ?? [];
  if (sign !== '' && !/[1-9]/.test(whole + fraction)) return false;
  if (exponent !== undefined) return true;
  const digits = whole === '0' ? 0 : whole!.length;
  return fraction.replace(/0+$/, '').length <= scale && digits <= precision - scale;
}

/** Whether a DOUBLE, or a FLOAT, holds the number. */
export function isFloating(bytes: Buffer, start: number, end: number, single: boolean): boolean {
  if (!isNumber(bytes, start, end)) return false;
  const short = shortNumber(bytes, start, end);
  const value = Number.isNaN(short) ? numberOf(bytes.toString('latin1', start, end)) : short;
  if (Object.is(value, -0)) return false;
  if (typeof value === 'bigint') return !single && BigInt(Number(value)) === value;
  if (typeof value === 'string') return false;
  const nearest = Math.fround(value);
  return !single || nearest === value || Number(nearest.toPrecision(FLOAT_DIGITS)) === value;
}

/** `YYYY-MM-DD`, of any digits: the server knows which days exist. */
export function isDateForm(bytes: Buffer, start: number, end: number): boolean {
  return end - start === DATE_LENGTH && hasForm(bytes, start, dateForm);
}

/** `YYYY-MM-DD HH:MM:SS`, of any digits: what a DATETIME takes as it is. */
export function isDateTimeForm(bytes: Buffer, start: number, end: number): boolean {
  return end - start === DATE_TIME_LENGTH && hasForm(bytes, start, dateTimeForm);
}

/** Whether a TIME with so many digits behind the second holds the text. */
export function isTimeForm(text: string, digits: number): boolean {
  return time.test(text) && fractionFits(text, digits);
}

/**
 * A point in time as a DATETIME with so many digits behind the second holds it: as it is, or, where it has an offset, in UTC. Undefined if it is none, or
 * has more digits.
 */
export function dateTimeText(text: string, digits: number): string | undefined {
  const [, date, minutes, seconds = ':00', zone] = dateTime.exec(text) ?? [];
  if (date === undefined || !fractionFits(seconds, digits)) return undefined;
  if (minutes === undefined) return date;
  if (zone === undefined) return `${date} ${minutes}${seconds}`;
  const [, sign = '+', hours = '00', rest = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  const local = Date.parse(`${date}T${minutes}:00Z`);
  const offset = (Number(hours) * 60 + Number(rest)) * (sign === '-' ? -60_000 : 60_000);
  const utc = new Date(local - offset);
  if (Number.isNaN(local) || utc.getUTCFullYear() < 1 || utc.getUTCFullYear() > 9999) return undefined;
  // `Date` would take the 30th of February for a day in March.
  if (new Date(local).toISOString().slice(0, 10) !== date) return undefined;
  const iso = utc.toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}${seconds}`;
}

/** Whether a SET has all that the text names. */
export function areMembers(text: string, members: ReadonlySet<string>): boolean {
  return text === '' || text.split(',').every(member => members.has(member));
}

/** Whether the text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether there is a digit for each 0 of the form, and what else stands there. */
function hasForm(bytes: Buffer, start: number, form: Buffer): boolean {
  for (let i = 0; i < form.length; i++) {
    const byte = bytes[start + i]!;
    if (form[i] === ZERO ? byte < ZERO || byte > NINE : byte !== form[i]) return false;
  }
  return true;
}

function fractionFits(text: string, digits: number): boolean {
  const fraction = /\.(\d+)$/.exec(text)?.[1] ?? '';
  return fraction.replace(/0+$/, '').length <= digits;
}

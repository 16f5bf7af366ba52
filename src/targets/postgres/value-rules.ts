import { isDate, isInstant, isTimestamp } from '../../formats/dates.js';
import { numberOf } from '../../formats/lossless.js';
import { isInteger, isNumber } from '../../formats/numbers.js';
import type { CatalogueColumn } from '../../postgres/catalogue.js';

/**
 * What a column would do to a text that is put into it. The server turns away what is no value of a type; a rule is for what it would take and change in
 * silence (`007`, a fraction too long, an offset that it drops), and for what is common enough to be found without asking the server.
 */
export interface ValueRule {
  /** True if the server is sure to take `bytes[start, end)` and to keep it as it is: no more need be asked. */
  sure(bytes: Buffer, start: number, end: number): boolean;
  /** Why a text is not to be put into the column; null if the server may decide. */
  problem(text: string): string | null;
}

const MINUS = 0x2d;
const ZERO = 0x30;
/** Far fewer digits than a numeric can have. */
const SAFE_DIGITS = 1000;

/** The rule of a column; null where every text is kept, or turned away by the server. */
export function ruleOf({ base, modifier }: Pick<CatalogueColumn, 'base' | 'modifier'>): ValueRule | null {
  switch (base) {
    case 'int2':
      return integerRule(4, 'smallint');
    case 'int4':
      return integerRule(9, 'integer');
    case 'int8':
      return integerRule(18, 'bigint');
    case 'numeric':
      return modifier < 0 ? numericRule(null, 0) : numericRule(scaleOf(modifier), precisionOf(modifier));
    case 'float8':
      return floatRule(15, 'double precision', Number);
    case 'float4':
      return floatRule(6, 'real', text => shortestSingle(Number(text)));
    case 'date':
      return dateRule;
    case 'timestamp':
      return timestampRule(isTimestamp, modifier, true);
    case 'timestamptz':
      return timestampRule(isInstant, modifier, false);
    case 'time':
      return fractionRule(modifier, true);
    case 'timetz':
      return fractionRule(modifier, false);
    case 'interval':
      return fractionRule(modifier < 0 ? modifier : modifier & 0xffff, false);
    case 'varchar':
      return modifier < 0 ? null : lengthRule(modifier - 4);
    default:
      return null;
  }
}

/** Up to `safe` digits fit whatever they are. */
function integerRule(safe: number, type: string): ValueRule {
  return {
    sure: (bytes, start, end) => end - start <= safe && isInteger(bytes, start, end),
    problem: text => {
      const bytes = Buffer.from(text);
      if (isInteger(bytes, 0, bytes.length)) return null;
      return /^\s*[-+]?\d+\s*$/.test(text) ? `would be stored as ${trimmedInteger(text)}` : `is no ${type}`;
    },
  };
}

function trimmedInteger(text: string): string {
  return BigInt(text.trim().replace(/^\+/, '')).toString();
}

function numericRule(scale: number | null, precision: number): ValueRule {
  const special = /^(?:NaN|-?Infinity)$/;
  return {
    sure: (bytes, start, end) =>
      scale === null
        ? end - start <= SAFE_DIGITS &&
          !(bytes[start] === MINUS && bytes[start + 1] === ZERO) &&
          isNumber(bytes, start, end) &&
          !hasExponent(bytes, start, end)
        : scale >= 0 && end - start <= precision - scale && isInteger(bytes, start, end),
    problem: text => {
      if (special.test(text)) return null;
      const bytes = Buffer.from(text);
      if (!isNumber(bytes, 0, bytes.length)) return numberProblem(text);
      if (/^-0(?:\.0*)?(?:[eE].*)?$/.test(text)) return 'would lose its sign';
      return scale === null || decimalsOf(text) <= scale ? null : `has more than ${scale} decimals`;
    },
  };
}

function floatRule(safe: number, type: string, rounded: (text: string) => number): ValueRule {
  return {
    sure: (bytes, start, end) => end - start <= safe && isInteger(bytes, start, end),
    problem: text => {
      if (/^(?:NaN|-?Infinity)$/.test(text)) return null;
      const bytes = Buffer.from(text);
      if (!isNumber(bytes, 0, bytes.length)) return numberProblem(text);
      const stored = rounded(text);
      if (Number.isFinite(stored) && sameNumber(text, Object.is(stored, -0) ? '-0' : String(stored)))
        return null;
      return Number.isFinite(stored) ? `would be stored as ${stored}` : `is too large for ${type}`;
    },
  };
}

/** Equal values, however many zeros they are written with; the sign of a zero counts. */
function sameNumber(one: string, other: string): boolean {
  const [first, second] = [numberOf(one), numberOf(other)];
  return Object.is(first, second) || (typeof first !== 'number' && String(first) === String(second));
}

/** Of a number literal. */
function hasExponent(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((bytes[i]! | 0x20) === 0x65) return true;
  return false;
}

function numberProblem(text: string): string {
  return /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i.test(text)
    ? 'would be stored with other digits'
    : 'is no number';
}

/** Digits behind the point that the value needs. */
function decimalsOf(text: string): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d*?)0*)?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  return fraction.length - Number(exponent);
}

/** The scale in the modifier of numeric(p, s): eleven bits with a sign. */
function scaleOf(modifier: number): number {
  const bits = (modifier - 4) & 0x7ff;
  return bits > 0x3ff ? bits - 0x800 : bits;
}

/** The precision in the modifier of numeric(p, s). */
function precisionOf(modifier: number): number {
  return ((modifier - 4) >>> 16) & 0xffff;
}

/** The double that is written like a single: what the server prints for it. */
function shortestSingle(value: number): number {
  const single = Math.fround(value);
  if (single === 0) return single;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}

const words = /now|today|tomorrow|yesterday|epoch|allballs/i;

const dateRule: ValueRule = {
  sure: isDate,
  problem: text => {
    if (/^\d{4}-\d\d-\d\d$/.test(text)) {
      const bytes = Buffer.from(text);
      return isDate(bytes, 0, bytes.length) ? null : 'is no day that exists';
    }
    if (/:|\dT\d|\d{4}-\d\d-\d\d./.test(text)) return 'would lose its time of day';
    return words.test(text) ? 'would be stored as another text' : null;
  },
};

/** `plain`: the column has no time zone. */
function timestampRule(
  isOwn: (bytes: Buffer, start: number, end: number) => boolean,
  modifier: number,
  plain: boolean,
): ValueRule {
  const fraction = fractionRule(modifier, plain);
  const digits = fractionDigits(modifier);
  return {
    sure: (bytes, start, end) => isOwn(bytes, start, end) && digitsBehindSecond(bytes, start, end) <= digits,
    problem: text => {
      const day = /^\d{4}-\d\d-\d\d(?=$|[ T])/.exec(text)?.[0];
      if (day !== undefined && !isDate(Buffer.from(day), 0, day.length)) return 'is no day that exists';
      if (words.test(text)) return 'would be stored as another text';
      return fraction.problem(text);
    },
  };
}

/** Decimals of a second that a type keeps. */
function fractionDigits(modifier: number): number {
  return modifier < 0 || modifier > 6 ? 6 : modifier;
}

/** Decimals of the second of what begins with `YYYY-MM-DD HH:MM`. */
function digitsBehindSecond(bytes: Buffer, start: number, end: number): number {
  const point = start + 'YYYY-MM-DD HH:MM:SS'.length;
  if (point >= end || bytes[point] !== 0x2e) return 0;
  let i = point + 1;
  while (i < end && bytes[i]! >= ZERO && bytes[i]! <= ZERO + 9) i++;
  return i - point - 1;
}

function fractionRule(modifier: number, plain: boolean): ValueRule {
  const digits = fractionDigits(modifier);
  return {
    sure: () => false,
    problem: text => {
      const [, fraction = ''] = /[:\d]\.(\d*?)0*(?:$|[^\d])/.exec(text) ?? [];
      if (text.includes(':') && fraction.length > digits)
        return `has more than ${digits} decimals of a second`;
      if (/:60(?:\D|$)|(?:^|[ T])24:/.test(text)) return 'would be stored as another time';
      const behindTime = /:\d\d(?::\d\d(?:\.\d+)?)?(.*)$/s.exec(text)?.[1] ?? '';
      const hasZone = /[-+a-z]/i.test(behindTime.replace(/^\s*[AP]M/i, '').replace(/\s*BC$/i, ''));
      return plain && hasZone ? 'would lose its time zone' : null;
    },
  };
}

/** Longer texts are turned away by the server, unless only blanks are too many: these it cuts off. */
function lengthRule(most: number): ValueRule {
  return {
    sure: (_bytes, start, end) => end - start <= most,
    problem: text => ([...text].length <= most ? null : `is longer than ${most} characters`),
  };
}

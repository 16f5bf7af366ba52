/** Characters of a number literal that a double is sure to hold: up to 15 digits. */
const SURE_LENGTH = 15;

/**
 * Parses JSON without losing a digit: integers beyond 2^53 become `bigint`, other numbers that a double does not
 * hold stay the string of their literal. Everything else is as `JSON.parse` has it, and so are its errors.
 */
export function parseLossless(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return mayLose(text) ? new LosslessReader(text).value() : value;
}

/** Whether valid JSON has a number that is longer than a double surely holds, or one with an exponent. */
function mayLose(text: string): boolean {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if ((unit >= 0x30 && unit <= 0x39) || unit === 0x2e) {
      if (++length > SURE_LENGTH) return true;
    } else {
      if ((unit | 0x20) === 0x65 && length > 0) return true;
      length = 0;
      if (unit === 0x22) i = closingQuote(text, i);
    }
  }
  return false;
}

function closingQuote(text: string, opening: number): number {
  let i = opening + 1;
  while (text.charCodeAt(i) !== 0x22) i += text.charCodeAt(i) === 0x5c ? 2 : 1;
  return i;
}

/** A number literal as a value: a number if that is the literal's value, else `bigint`, else the literal itself. */
export function numberOf(literal: string): number | bigint | string {
  const number = Number(literal);
  if (/^-?\d+$/.test(literal)) {
    return literal.length <= SURE_LENGTH || Number.isSafeInteger(number) ? number : BigInt(literal);
  }
  if (literal.length <= SURE_LENGTH && !/[eE]/.test(literal)) return number;
  return normalised(literal) === normalised(String(number)) ? number : literal;
}

/** Digits without zeros at either end, and the power of ten of the last: equal for equal values. */
function normalised(literal: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(literal) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return sign === undefined ? 'not finite' : '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** Reads text that is known to be valid JSON. */
class LosslessReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        this.#at += 4;
        return true;
      case 'f':
        this.#at += 5;
        return false;
      case 'n':
        this.#at += 4;
        return null;
      default:
        return this.#number();
    }
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    while (this.#goesOn('}')) {
      const key = this.#string();
      this.#skipSpace();
      this.#at++;
      setOwn(object, key, this.value());
    }
    return object;
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    while (this.#goesOn(']')) array.push(this.value());
    return array;
  }

  /** Passes the opening bracket or a comma and answers true, or passes the closing bracket. */
  #goesOn(closing: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== closing) this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] !== closing) return true;
    this.#at++;
    return false;
  }

  #string(): string {
    const start = this.#at;
    this.#at = closingQuote(this.#text, start) + 1;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #number(): number | bigint | string {
    const start = this.#at;
    while (/[-+.eE0-9]/.test(this.#text.charAt(this.#at))) this.#at++;
    return numberOf(this.#text.slice(start, this.#at));
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text.charAt(this.#at))) this.#at++;
  }
}

/** Like an assignment, but a key `__proto__` becomes a property like any other. */
function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

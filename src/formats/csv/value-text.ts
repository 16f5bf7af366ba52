import { jsonText } from './json-text.js';

/** A value that CSV has no text for. */
export class NoText {
  constructor(readonly why: string) {}
}

/**
 * The text of a value that a driver or a person's own code gave; null for no value. Dates are ISO 8601, binary is hexadecimal, objects
 * and arrays are JSON.
 */
export function valueText(value: unknown): string | null | NoText {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'undefined':
      return null;
    case 'object':
      return value === null ? null : objectText(value);
    default:
      return new NoText(`a ${typeof value} is no value`);
  }
}

function numberText(value: number): string | NoText {
  if (!Number.isFinite(value)) return new NoText(`${value} is no number that can be written`);
  return Object.is(value, -0) ? '-0' : String(value);
}

function objectText(value: object): string | NoText {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? new NoText('it is an invalid date') : value.toISOString();
  }
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex');
  try {
    return jsonText(value) ?? new NoText('it has no JSON');
  } catch (error) {
    return new NoText(`it has no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

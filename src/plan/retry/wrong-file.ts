import { TrancheError } from '../../core/errors.js';

/** What is wrong with a file that was given back. */
export function wrong(path: string, what: string, hint: string): TrancheError {
  return new TrancheError('usage', `${path}: ${what}`, { operation: 'read', path, hint });
}

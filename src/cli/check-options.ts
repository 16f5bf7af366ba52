import { TrancheError } from '../core/errors.js';
import type { DisplayValues } from './display.js';

/** Throws `usage` for options of the command line that do not go together. Those of the job are checked with its plan. */
export function checkOptions({ quiet, verbose, json }: DisplayValues, target: string): void {
  if (quiet && verbose) {
    throw new TrancheError('usage', '--quiet and --verbose contradict each other', {
      hint: 'give one of them',
    });
  }
  if (json && target === '-') {
    throw new TrancheError('usage', '--json and the target "-" both need standard output', {
      hint: 'write the records to a file, or leave --json out',
    });
  }
}

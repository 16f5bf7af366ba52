import { TrancheError } from '../core/errors.js';
import type { CopyOptionValues } from '../options.js';
import type { DisplayValues } from './display.js';

type Values = CopyOptionValues & DisplayValues;

/** Switches that contradict each other, and what to do instead. */
const contradictions: readonly [(values: Values) => unknown, string, string][] = [
  [v => v.resume && v.fresh, '--resume and --fresh contradict each other', 'give one of them'],
  [
    v => v.resume && v.checkpoint === false,
    '--resume needs the checkpoint that --no-checkpoint forbids',
    'give one of them',
  ],
  [v => v.overwrite && v.append, '--overwrite and --append contradict each other', 'give one of them'],
  [v => v.quiet && v.verbose, '--quiet and --verbose contradict each other', 'give one of them'],
];

/** Throws a `usage` error for options that do not go together. */
export function checkOptions(values: Values, target: string): void {
  for (const [holds, message, hint] of contradictions) {
    if (holds(values)) throw new TrancheError('usage', message, { hint });
  }
  if (values.json && target === '-') {
    throw new TrancheError('usage', '--json and the target "-" both need standard output', {
      hint: 'write the records to a file, or leave --json out',
    });
  }
}

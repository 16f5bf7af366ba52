import type { ErrorCode } from '../core/errors.js';
import type { Summary } from '../core/events.js';
import type { Again } from './resume-command.js';
import { shellLine } from './shell.js';

/** What can be done next, each as a whole command. */
export type Step = 'resume' | 'fresh' | 'retry' | 'rejects';

const byError: { readonly [code in ErrorCode]?: readonly Step[] } = {
  usage: [],
  target_exists: [],
  module: [],
  job_unfinished: ['resume', 'fresh'],
  source_changed: ['fresh'],
  target_changed: ['fresh'],
  options_changed: ['fresh'],
  checkpoint_unreadable: ['fresh'],
  too_many_rejects: ['resume', 'rejects'],
};

const words = {
  resume: 'to go on',
  fresh: 'to start from the beginning',
  retry: 'to send the rejects again',
  rejects: 'to look at the rejects',
} as const satisfies { readonly [step in Step]: string };

/** Steps after an error that kept a run from starting. */
export function stepsAfterError(code: ErrorCode): readonly Step[] {
  return byError[code] ?? [];
}

/** Steps after a run; none where it keeps no checkpoint, or finished without rejects. `withRejects`: what can be done about them. */
export function stepsAfterRun(
  { status, error, counts, nothingNew }: Summary,
  checkpoints: boolean,
  withRejects: Step = 'retry',
): readonly Step[] {
  if (!checkpoints) return [];
  if (status === 'finished') return counts.rejected > 0 && !nothingNew ? [withRejects] : [];
  return (error && byError[error.code]) ?? ['resume'];
}

/** The steps in lines: what for, and the command. `stdin`: the input came from there. */
export function stepLines(steps: readonly Step[], again: Again, stdin: boolean): readonly string[] {
  const lines = steps.flatMap(step => [`${words[step]}:`, `  ${shellLine(again[step])}`]);
  if (steps.includes('resume') && stdin) lines.push('  (with the same input, from its beginning)');
  if (steps.length > 0 && again.secretLeftOut) {
    lines.push(
      '  (what is secret was left out: put it back, or take it from a variable: PGPASSWORD, MYSQL_PWD, --password-env, --bearer-env, --user-env)',
    );
  }
  return lines;
}

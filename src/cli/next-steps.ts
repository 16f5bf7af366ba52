import type { ErrorCode } from '../core/errors.js';
import type { Summary } from '../core/events.js';
import type { Again } from './resume-command.js';
import { shellLine } from './shell.js';

/** What can be done next, each as a whole command. */
export type Step = 'resume' | 'fresh';

const byError: { readonly [code in ErrorCode]?: readonly Step[] } = {
  usage: [],
  target_exists: [],
  module: [],
  job_unfinished: ['resume', 'fresh'],
  source_changed: ['fresh'],
  target_changed: ['fresh'],
  options_changed: ['fresh'],
  checkpoint_unreadable: ['fresh'],
};

const words = { resume: 'to go on', fresh: 'to start from the beginning' } as const;

/** Steps after an error that kept a run from starting. */
export function stepsAfterError(code: ErrorCode): readonly Step[] {
  return byError[code] ?? [];
}

/** Steps after a run; none where it finished, or keeps no checkpoint. */
export function stepsAfterRun({ status, error }: Summary, checkpoints: boolean): readonly Step[] {
  if (status === 'finished' || !checkpoints) return [];
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

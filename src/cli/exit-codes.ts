import type { ErrorCode } from '../core/errors.js';
import type { StopReason, Summary } from '../core/events.js';

/** Every exit code with its meaning, in the words of `--help`. */
export const exitCodes = {
  0: 'done',
  1: 'failed; the checkpoint stands: --resume goes on',
  2: 'the command or its configuration is wrong',
  3: 'done, but some records are in the rejects file',
  4: 'stopped: more rejects than --max-errors',
  5: 'source or target is not what the checkpoint describes',
  6: 'another live run holds this job',
  7: 'an unfinished run exists: --resume or --fresh is needed',
  8: 'the checkpoint cannot be read',
  75: 'paused by --max-duration or --max-batches: --resume goes on',
  129: 'stopped by SIGHUP after a checkpoint',
  130: 'stopped by SIGINT after a checkpoint',
  143: 'stopped by SIGTERM after a checkpoint',
} as const satisfies { readonly [code: number]: string };

/** One of the codes that the program ends with. */
export type ExitCode = keyof typeof exitCodes;

const byError = {
  usage: 2,
  io: 1,
  busy: 1,
  source_missing: 1,
  source_unreadable: 1,
  source_changed: 5,
  target_exists: 2,
  target_changed: 5,
  target_refused: 1,
  options_changed: 5,
  job_locked: 6,
  job_unfinished: 7,
  job_fenced: 6,
  checkpoint_unreadable: 8,
  too_many_rejects: 4,
  retries_exhausted: 1,
  timeout: 1,
  output_closed: 1,
  imbalance: 1,
  module: 2,
  uncaught: 1,
  internal: 1,
} as const satisfies { readonly [code in ErrorCode]: ExitCode };

const byStop = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
  '--max-duration': 75,
  '--max-batches': 75,
  'output closed': 1,
  aborted: 1,
} as const satisfies { readonly [reason in StopReason]: ExitCode };

/** The exit code for an error that nothing could be done about. */
export function exitCodeOfError(code: ErrorCode): ExitCode {
  // A module of somebody's own may throw an error of ours with a code of its own.
  return byError[code] ?? 1;
}

/** The exit code for a run that came to an end, whichever. */
export function exitCodeOf(summary: Summary): ExitCode {
  if (summary.error !== null) return exitCodeOfError(summary.error.code);
  if (summary.stopped !== null) return byStop[summary.stopped];
  if (summary.status === 'failed') return 1;
  return summary.counts.rejected > 0 && !summary.nothingNew ? 3 : 0;
}

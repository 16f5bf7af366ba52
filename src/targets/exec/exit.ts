import { TrancheError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';
import type { Exit } from './command.js';

/** Exit status of a command that could not do it now (`EX_TEMPFAIL`). */
const TRY_LATER = 75;
/** What the shell answers for a command that it may not, or cannot, find. */
const CANNOT_RUN = [126, 127];

/** The error that an exit means; null for status 0. */
export function failureOf({ status, signal }: Exit, lastWords: string): TrancheError | null {
  if (status === 0) return null;
  const said = quote(lastWords);
  if (status === TRY_LATER) {
    return new TrancheError('busy', `the command asked to be tried again later (exit status 75)${said}`, {
      kind: 'transient',
      operation: 'exec',
    });
  }
  if (status !== null && CANNOT_RUN.includes(status)) {
    return new TrancheError('target_refused', `the command cannot be run (exit status ${status})${said}`, {
      operation: 'exec',
      hint: 'name a command that the shell finds, and that may be executed',
    });
  }
  const how = signal === null ? `with exit status ${status}` : `by ${signal}`;
  return failed(`the command ended ${how}${said}`);
}

/** A failure that may pass: the batch is tried again, up to `--retries` times. */
export function failed(message: string): TrancheError {
  return new TrancheError('target_refused', message, { kind: 'transient', operation: 'exec' });
}

/** What a command said, behind a colon. */
export function quote(lastWords: string): string {
  return lastWords === '' ? '' : `: ${redact(lastWords)}`;
}

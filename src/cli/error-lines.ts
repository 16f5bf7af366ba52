import { ioError, systemCode, TrancheError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import { printable } from '../reporters/printable.js';

/** How much of an error is shown. */
export interface ErrorDetail {
  readonly verbose: boolean;
  /** True unless it is said in another way. */
  readonly hint?: boolean;
}

/**
 * An error in the lines a person reads: what went wrong and what to do about it; with `verbose` the operation, the path and the causes with their
 * stacks too. What is not a {@link TrancheError} is a defect and shows its stack.
 */
export function errorLines(error: unknown, detail: ErrorDetail): readonly string[] {
  if (!(error instanceof TrancheError))
    return isOutOfFiles(error)
      ? errorLines(ioError('load', 'the program', error), detail)
      : defectLines(error);
  const { verbose, hint = true } = detail;
  const lines = [`tranche: ${clean(error.message)}`];
  if (hint && error.hint !== undefined) lines.push(...error.hint.split('\n').map(line => `  ${clean(line)}`));
  return verbose ? [...lines, ...detailLines(error)] : lines;
}

function detailLines(error: TrancheError): string[] {
  const lines = [`  code: ${error.code}`];
  if (error.operation !== undefined) lines.push(`  operation: ${clean(error.operation)}`);
  if (error.path !== undefined) lines.push(`  path: ${clean(error.path)}`);
  lines.push(...stackLines(error));
  for (let cause = error.cause; cause !== undefined && cause !== null; cause = causeOf(cause)) {
    lines.push(
      `  caused by: ${clean(cause instanceof Error ? cause.message : String(cause))}`,
      ...stackLines(cause),
    );
  }
  return lines;
}

function defectLines(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    ...lines.split('\n').map(clean),
    'tranche: this is a defect of tranche. Please report it with the lines above; the checkpoint of the job, if there is one, still stands.',
  ];
}

/** Not even a file of the program could be opened: that is no defect. */
function isOutOfFiles(error: unknown): boolean {
  return systemCode(error) === 'EMFILE' || systemCode(error) === 'ENFILE';
}

function stackLines(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .filter(line => /^\s+at /.test(line))
    .map(line => `    ${clean(line.trim())}`);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function clean(text: string): string {
  return printable(redact(text));
}

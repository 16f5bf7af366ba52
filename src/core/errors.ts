import type { Refusal } from './target.js';

/** What went wrong, for programs: stable names. `cli` maps each to an exit code. */
export type ErrorCode =
  | 'usage'
  | 'io'
  | 'busy'
  | 'source_missing'
  | 'source_unreadable'
  | 'source_changed'
  | 'target_exists'
  | 'target_changed'
  | 'target_refused'
  | 'options_changed'
  | 'job_locked'
  | 'job_unfinished'
  | 'job_fenced'
  | 'checkpoint_unreadable'
  | 'too_many_rejects'
  | 'retries_exhausted'
  | 'timeout'
  | 'output_closed'
  | 'imbalance'
  | 'module'
  | 'uncaught'
  | 'internal';

/** Who can do something about an error: `transient` the engine, `record` the engine for all other records, `fatal` the person. */
export type ErrorKind = 'transient' | 'record' | 'fatal';

/** The parts of an error that are not its message. */
export interface ErrorDetails {
  readonly kind?: ErrorKind;
  /** What was being done: `open`, `fsync`, `INSERT`. */
  readonly operation?: string;
  /** File, URL or table, without secrets. */
  readonly path?: string;
  /** What to do about it; a whole command where one exists. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** For `record` errors: which record of the batch, where the target knows. */
  readonly index?: number;
  /** For `record` errors: all records at fault, in order of their index, where the target knows them; the others are tried again without them. */
  readonly refusals?: readonly Refusal[];
  /** For `transient` errors: milliseconds that the other side asks to be left alone. */
  readonly retryAfter?: number;
}

/** Every failure that a person can meet. Anything else that is thrown is a defect of the program. */
export class TrancheError extends Error {
  override readonly name = 'TrancheError';
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly operation: string | undefined;
  readonly path: string | undefined;
  readonly hint: string | undefined;
  readonly index: number | undefined;
  readonly refusals: readonly Refusal[] | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.kind = details.kind ?? 'fatal';
    this.operation = details.operation;
    this.path = details.path;
    this.hint = details.hint;
    this.index = details.index;
    this.refusals = details.refusals;
    this.retryAfter = details.retryAfter;
  }
}

/** Whether it is an error of this kind; what is no `TrancheError` is of none. */
export function isOfKind(error: unknown, kind: ErrorKind): error is TrancheError {
  return error instanceof TrancheError && error.kind === kind;
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'read-only file system',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files in the system',
  EFBIG: 'file size limit reached',
  EIO: 'input/output error of the device',
  ELOOP: 'it is a symbolic link',
  EEXIST: 'it exists already',
};

/** The code of a system error (`ENOSPC`), if it is one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Wraps a system error with operation, path and cause in words. A `TrancheError` passes unchanged. */
export function ioError(operation: string, path: string, error: unknown, hint?: string): TrancheError {
  if (error instanceof TrancheError) return error;
  const code = systemCode(error);
  const words = (code && causes[code]) ?? (error instanceof Error ? error.message : String(error));
  return new TrancheError('io', `cannot ${operation} ${path}: ${words}${code ? ` (${code})` : ''}`, {
    operation,
    path,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

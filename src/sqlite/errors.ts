import { type ErrorDetails, systemCode, TrancheError } from '../core/errors.js';

/**
 * Hints for result codes that end a run; a code is looked up without its extension (`SQLITE_IOERR_FSYNC`).
 */
const hints: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'make room on the device, then go on with --resume',
  SQLITE_IOERR: 'the device or file system failed; check it before going on with --resume',
  SQLITE_READONLY: 'the file or its directory may not be written: check permissions and the mount',
  SQLITE_PERM: 'check the permissions of the file and its directory',
  SQLITE_CANTOPEN: 'check that the file and its directory exist and may be read and written',
  SQLITE_NOTADB: 'the file is not an SQLite database: check the path',
  SQLITE_CORRUPT: 'the database is damaged: see "sqlite3 FILE .recover" or restore it',
  ERR_DLOPEN_FAILED: 'the SQLite driver was built for another Node.js: run "npm rebuild better-sqlite3"',
};

/**
 * What an error of the driver means: a lock of somebody else is transient (`busy`), a record that the
 * database does not take is an error of that record (`target_refused`), everything else ends the run (`io`).
 * A `TrancheError` passes unchanged.
 */
export function sqliteError(operation: string, path: string, error: unknown): TrancheError {
  if (error instanceof TrancheError) return error;
  const code = systemCode(error) ?? '';
  const text = error instanceof Error ? error.message : String(error);
  const words = text.replace(/^Cannot open database because /, '');
  const message = `cannot ${operation} ${path}: ${words}${code === '' ? '' : ` (${code})`}`;
  const details: ErrorDetails = { operation, path, cause: error };

  const result = resultCode(code);
  if (result === 'SQLITE_BUSY' || result === 'SQLITE_LOCKED') {
    const hint =
      'another program is using the database, or this job reads it too: wait for it, allow more --retries, or set PRAGMA journal_mode = WAL';
    return new TrancheError('busy', message, { ...details, kind: 'transient', hint });
  }
  if (isRefusal(result, error)) {
    return new TrancheError('target_refused', message, { ...details, kind: 'record' });
  }
  const hint = hints[result];
  return new TrancheError('io', message, hint === undefined ? details : { ...details, hint });
}

/** `SQLITE_CONSTRAINT_UNIQUE` → `SQLITE_CONSTRAINT`. */
function resultCode(code: string): string {
  return code.startsWith('SQLITE_') ? code.split('_', 2).join('_') : code;
}

function isRefusal(result: string, error: unknown): boolean {
  if (result === 'SQLITE_CONSTRAINT' || result === 'SQLITE_MISMATCH' || result === 'SQLITE_TOOBIG')
    return true;
  // The driver's own words for a value that it cannot hand to SQLite at all.
  return error instanceof RangeError && error.message.endsWith('is too big');
}

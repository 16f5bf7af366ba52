import { type ErrorDetails, type ErrorKind, systemCode, TrancheError } from '../core/errors.js';
import { redact } from '../core/redact.js';

/** What the server says of an error, as far as it says it. */
export interface ServerError {
  readonly sqlState: string;
  readonly message: string;
  readonly detail: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;
  readonly where: string | undefined;
}

/** SQLSTATEs, or their first two characters, that another attempt may mend. */
const transient = new Set([
  '08', // connection
  '40', // serialization, deadlock
  '53', // insufficient resources: too many connections, out of memory; a full disk is not
  '57', // operator intervention: shutdown, cancelled
  '55P03', // a lock was not to be had within lock_timeout
  '25P03', // idle in transaction for too long
]);
/** SQLSTATE classes that are about a record: data, integrity constraints, with check option, raised by a trigger. */
const ofRecord = new Set(['22', '23', '44', 'P0']);
const fatal = new Set(['53100', '57P04', '53400']);

const hints: Readonly<Record<string, string>> = {
  '28': 'check user and password: in the URL, in PGPASSWORD, in ~/.pgpass, or in the variable that --password-env names',
  '3D000': 'create the database, or name another one',
  '3F000': 'create the schema, or name another one',
  '42501': 'the user lacks a privilege: ask for it, or connect as another user',
  '42P01': 'check the name of the table and its schema',
  '53100': 'make room on the server, then go on with --resume',
  '25006': 'the server takes no writes: it is a standby, or the database is read-only',
};

/** System and driver errors that mean the connection is gone, or could not be made. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT',
]);
const lostConnection =
  /connection (?:terminated|ended|closed)|timeout expired|not queryable|client was closed|connection error/i;

/** The parts of an error of the server; null if it came from elsewhere. */
export function serverError(error: unknown): ServerError | null {
  const parts = error as { [part: string]: unknown } | null;
  const sqlState = parts?.['code'];
  if (!(error instanceof Error) || typeof sqlState !== 'string' || !/^[0-9A-Z]{5}$/.test(sqlState))
    return null;
  if (typeof parts?.['severity'] !== 'string') return null;
  const text = (part: string): string | undefined =>
    typeof parts[part] === 'string' ? parts[part] : undefined;
  return {
    sqlState,
    message: error.message,
    detail: text('detail'),
    column: text('column'),
    constraint: text('constraint'),
    where: text('where'),
  };
}

/** Whether the error means that nobody knows what became of the last statement. */
export function isConnectionLost(error: unknown): boolean {
  const cause = error instanceof TrancheError ? error.cause : error;
  const server = serverError(cause);
  if (server) return server.sqlState.startsWith('08') || server.sqlState.startsWith('57P');
  return isNetworkError(cause);
}

/**
 * What an error of driver or server means: a lost connection, a deadlock or a busy server is transient, a refused record is an error of that
 * record, everything else ends the run. A `TrancheError` passes unchanged.
 */
export function postgresError(operation: string, path: string, error: unknown): TrancheError {
  if (error instanceof TrancheError) return error;
  const server = serverError(error);
  if (server) return ofServer(operation, path, server, error as Error);
  const words = redact(error instanceof Error ? error.message || String(systemCode(error)) : String(error));
  const details: ErrorDetails = { operation, path, cause: error };
  if (isNetworkError(error)) {
    return new TrancheError('busy', `cannot ${operation} ${path}: ${words}`, {
      ...details,
      kind: 'transient',
      hint: 'check that the server runs and can be reached at this host and port',
    });
  }
  return new TrancheError('io', `cannot ${operation} ${path}: ${words}`, details);
}

/** The server's words with SQLSTATE, detail and column. */
export function describeServerError({ sqlState, message, detail, column }: ServerError): string {
  const about = column === undefined || message.includes(`"${column}"`) ? '' : `column ${column}: `;
  return `${about}${message}${detail === undefined ? '' : ` (${detail.replace(/\.$/, '')})`} [${sqlState}]`;
}

function ofServer(operation: string, path: string, server: ServerError, cause: Error): TrancheError {
  const kind = kindOf(server.sqlState);
  const hint = lookUp(hints, server.sqlState);
  const code = { transient: 'busy', record: 'target_refused', fatal: 'io' } as const;
  return new TrancheError(code[kind], `cannot ${operation} ${path}: ${describeServerError(server)}`, {
    operation,
    path,
    cause,
    kind,
    ...(hint === undefined ? {} : { hint }),
  });
}

function kindOf(sqlState: string): ErrorKind {
  const either = (set: ReadonlySet<string>): boolean => set.has(sqlState) || set.has(sqlState.slice(0, 2));
  if (either(fatal)) return 'fatal';
  if (either(transient)) return 'transient';
  return either(ofRecord) ? 'record' : 'fatal';
}

function lookUp(table: Readonly<Record<string, string>>, sqlState: string): string | undefined {
  return table[sqlState] ?? table[sqlState.slice(0, 2)];
}

function isNetworkError(error: unknown): boolean {
  const code = systemCode(error);
  if (code !== undefined && networkCodes.has(code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isNetworkError);
  return error instanceof Error && lostConnection.test(error.message);
}

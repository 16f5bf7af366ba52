import { type ErrorCode, type ErrorDetails, systemCode, TrancheError } from '../core/errors.js';

/** What is kept of an error of the driver: the statement, which holds people's data, is left out. */
interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  readonly sqlState?: string;
  readonly sqlMessage?: string;
}

/** The network, or a server that goes or comes: nothing is wrong with what was asked. */
const lostConnection = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'PROTOCOL_INCORRECT_PACKET_SEQUENCE',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** Server errors after which the same statement may well succeed: too many connections, shutdown, network, lock waits, deadlocks, killed. */
const transientErrors = new Set([
  1040, 1047, 1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1205, 1213, 1226, 1317, 1614,
  1927, 1969, 2006, 2013, 3024, 3572, 4031,
]);

/** Locks of others: a subset of the above. */
const lockErrors = new Set([1205, 1213, 1614, 3572]);

/** Server errors about the row in hand: constraints, values that a column does not take, what a trigger refuses. */
const recordErrors = new Set([
  1022, 1048, 1062, 1118, 1153, 1169, 1216, 1217, 1261, 1262, 1263, 1264, 1265, 1292, 1300, 1301, 1364, 1365,
  1366, 1367, 1369, 1406, 1411, 1416, 1441, 1451, 1452, 1525, 1526, 1557, 1586, 1591, 1644, 1690, 1748, 1761,
  1762, 3140, 3141, 3146, 3147, 3150, 3155, 3156, 3157, 3616, 3617, 3732, 3751, 3819, 4025, 4038, 4161,
]);

const hints: Readonly<Record<number, string>> = {
  1044: 'the user may not use this database: check the name, or GRANT it',
  1045: 'check user and password (in the URL, MYSQL_PWD or --password-env)',
  1698: 'check user and password (in the URL, MYSQL_PWD or --password-env)',
  1049: 'check the name of the database in the URL, or create it',
  1142: 'GRANT the user what is missing, or name another user',
  1146: 'check the name of the table',
  1114: 'make room on the server, then go on with --resume',
  1021: 'make room on the server, then go on with --resume',
  1290: 'the server is read-only, or an option of it forbids this: use the primary server',
  1792: 'the server is read-only: use the primary server',
  1836: 'the server is read-only: use the primary server',
};

/**
 * What an error of the driver means: the network and locks are transient, a row that the server does not take is an error of that record,
 * everything else ends the run. The message never holds the statement or a password. A `TrancheError` passes unchanged.
 */
export function mysqlError(operation: string, path: string, error: unknown): TrancheError {
  if (error instanceof TrancheError) return error;
  const { errno, sqlState, sqlMessage } = error as DriverError;
  const code = systemCode(error);
  const words = sqlMessage ?? (error instanceof Error && error.message !== '' ? error.message : code);
  const number = sqlState === undefined ? code : `error ${errno}, SQLSTATE ${sqlState}`;
  const message = `cannot ${operation} ${path}: ${words}${number === undefined ? '' : ` (${number})`}`;
  const details: ErrorDetails = { operation, path, cause: withoutStatement(error) };
  if (isLost(error)) {
    const hint = 'check that the server runs and can be reached; go on with --resume';
    return new TrancheError('io', message, { ...details, kind: 'transient', hint });
  }
  if (sqlState !== undefined && errno !== undefined) return serverError(errno, message, details);
  return new TrancheError('io', message, details);
}

/** Number of an error that the server answered; undefined for any other error. */
export function serverErrorNumber(error: unknown): number | undefined {
  const { errno, sqlState } = error as DriverError;
  return sqlState === undefined ? undefined : errno;
}

/** The server's own words for an error that it answered. */
export function serverMessage(error: unknown): string {
  const { sqlMessage } = error as DriverError;
  return sqlMessage ?? (error instanceof Error ? error.message : String(error));
}

/** Whether an error says that the connection is gone, so that nobody knows what became of the last statement. */
export function isLost(error: unknown): boolean {
  const code = systemCode(error);
  if (code !== undefined && lostConnection.has(code)) return true;
  // The driver has no code for a statement given to a connection that is closing.
  return error instanceof Error && error.message.includes('in closed state');
}

/** Whether a server error is about the row in hand. */
export function isRecordError(errno: number): boolean {
  return recordErrors.has(errno);
}

function serverError(errno: number, message: string, details: ErrorDetails): TrancheError {
  if (transientErrors.has(errno)) {
    const code: ErrorCode = lockErrors.has(errno) ? 'busy' : 'io';
    return new TrancheError(code, message, { ...details, kind: 'transient' });
  }
  if (recordErrors.has(errno))
    return new TrancheError('target_refused', message, { ...details, kind: 'record' });
  const hint = hints[errno];
  return new TrancheError('io', message, hint === undefined ? details : { ...details, hint });
}

/** The driver keeps the statement with its error. */
function withoutStatement(error: unknown): unknown {
  if (!(error instanceof Error) || !('sql' in error)) return error;
  const { code, errno, sqlState } = error as DriverError;
  return Object.assign(new Error(error.message), { code, errno, sqlState });
}

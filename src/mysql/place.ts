import { userInfo } from 'node:os';
import { TrancheError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import { type TlsMode, tlsModeOf } from './tls.js';

/** Where a server is, as whom, and what to use there. The password is never part of a message. */
export interface MysqlPlace {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, in place of host and port. */
  readonly socket: string | null;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: TlsMode;
  /** Files of certificates (PEM). */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Milliseconds to wait for a connection. */
  readonly connectTimeout: number;
  /** What is behind `#`; empty if nothing is. */
  readonly table: string;
  /** `mysql://user@host/database`: for messages. */
  readonly name: string;
}

const DEFAULT_PORT = 3306;
const CONNECT_SECONDS = 10;
const parameters = ['socket', 'ssl-mode', 'sslmode', 'ssl-ca', 'ssl-cert', 'ssl-key', 'connect-timeout'];

/** Whether a text names a place on a MySQL or MariaDB server. */
export function isMysqlUrl(spec: string): boolean {
  return /^(mysql|mariadb):\/\//i.test(spec);
}

/**
 * Reads `mysql://user:password@host:port/database?parameters#table`. What the URL leaves out comes from `MYSQL_HOST`, `MYSQL_TCP_PORT`,
 * `MYSQL_UNIX_PORT`, `MYSQL_USER`, `MYSQL_DATABASE` and `MYSQL_PWD`; `password` wins over all. Throws `usage`.
 */
export function parseMysqlUrl(
  spec: string,
  environment: NodeJS.ProcessEnv = process.env,
  password?: string,
): MysqlPlace {
  const url = parsed(spec);
  const query = url.searchParams;
  for (const name of query.keys()) {
    if (!parameters.includes(name))
      throw wrong(spec, `it has no parameter ${name}`, `those known: ${parameters.join(', ')}`);
  }
  const named = url.hostname === '' ? undefined : plain(spec, url.hostname).replace(/^\[|\]$/g, '');
  const host = named ?? environment['MYSQL_HOST'] ?? 'localhost';
  const socket =
    query.get('socket') ?? (named === undefined ? (environment['MYSQL_UNIX_PORT'] ?? null) : null);
  const port = portOf(spec, url.port === '' ? environment['MYSQL_TCP_PORT'] : url.port);
  const user = plain(spec, url.username) || (environment['MYSQL_USER'] ?? userInfo().username);
  const database = plain(spec, url.pathname.replace(/^\//, '')) || (environment['MYSQL_DATABASE'] ?? '');
  if (database === '') {
    throw wrong(spec, 'no database is named', 'write mysql://user@host/DATABASE#TABLE');
  }
  const mode = query.get('ssl-mode') ?? query.get('sslmode');
  return {
    host,
    port,
    socket,
    user,
    password: password ?? (url.password === '' ? environment['MYSQL_PWD'] : plain(spec, url.password)),
    database,
    tls: tlsModeOf(spec, mode, socket !== null || isLoopback(host)),
    ca: query.get('ssl-ca'),
    cert: query.get('ssl-cert'),
    key: query.get('ssl-key'),
    connectTimeout: 1000 * seconds(spec, query.get('connect-timeout')),
    table: plain(spec, url.hash.replace(/^#/, '')),
    name: `mysql://${user}@${hostName(host, port)}/${database}`,
  };
}

function parsed(spec: string): URL {
  try {
    return new URL(spec);
  } catch {
    const hint =
      'write mysql://user@host:port/database#table; encode special characters of the password (%23 for #)';
    throw wrong(spec, 'it is no URL', hint);
  }
}

function plain(spec: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(spec, 'a % in it is not followed by two hexadecimal digits', 'write %25 for %');
  }
}

function portOf(spec: string, text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw wrong(spec, `${text} is no port`, 'a port is a number from 1 to 65535');
}

function seconds(spec: string, text: string | null): number {
  const value = text === null ? CONNECT_SECONDS : Number(text);
  if (value > 0) return value;
  throw wrong(spec, `connect-timeout is a number of seconds, not ${text}`, 'write connect-timeout=10');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function hostName(host: string, port: number): string {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return port === DEFAULT_PORT ? bracketed : `${bracketed}:${port}`;
}

function wrong(spec: string, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${redact(spec)}: ${message}`, { hint });
}

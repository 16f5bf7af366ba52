import { userInfo } from 'node:os';
import { type DatabaseUrl, parseDatabaseUrl } from '../core/database-url.js';
import { TrancheError } from '../core/errors.js';
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
  /** `mysql://user@host/database`: for messages. */
  readonly name: string;
}

const DEFAULT_PORT = 3306;
const CONNECT_SECONDS = 10;
const known = ['socket', 'ssl-mode', 'sslmode', 'ssl-ca', 'ssl-cert', 'ssl-key', 'connect-timeout'];

/** True for `mysql://` and `mariadb://`. */
export function isMysqlUrl(spec: string): boolean {
  return /^(mysql|mariadb):\/\//i.test(spec);
}

/** Reads `mysql://…`; both spellings of the scheme are the same. Throws `usage`. */
export function parseMysqlUrl(spec: string): DatabaseUrl {
  return { ...parseDatabaseUrl(spec), scheme: 'mysql' };
}

/**
 * What is needed to connect. What the URL leaves out comes from `MYSQL_HOST`, `MYSQL_TCP_PORT`, `MYSQL_UNIX_PORT`, `MYSQL_USER`, `MYSQL_DATABASE` and
 * `MYSQL_PWD`; `passwordEnv` names a variable that wins over the URL's password. Throws `usage`.
 */
export function mysqlPlace(
  url: DatabaseUrl,
  passwordEnv?: string,
  environment: NodeJS.ProcessEnv = process.env,
): MysqlPlace {
  const given = (parameter: string): string | null => url.parameters.get(parameter) ?? null;
  for (const parameter of url.parameters.keys()) {
    if (!known.includes(parameter))
      throw wrong(`the URL has no parameter ${parameter}`, `those known: ${known.join(', ')}`);
  }
  const host = url.host ?? (environment['MYSQL_HOST'] || 'localhost');
  const socket = given('socket') ?? (url.host === null ? environment['MYSQL_UNIX_PORT'] || null : null);
  const port = url.port ?? portOf(environment['MYSQL_TCP_PORT']);
  const user = url.user ?? (environment['MYSQL_USER'] || userInfo().username);
  const database = url.database ?? environment['MYSQL_DATABASE'] ?? '';
  if (database === '') throw wrong('no database is named', 'write mysql://USER@HOST/DATABASE#TABLE');
  return {
    host,
    port,
    socket,
    user,
    password: passwordOf(url, passwordEnv, environment),
    database,
    tls: tlsModeOf(given('ssl-mode') ?? given('sslmode'), socket !== null || isLoopback(host)),
    ca: given('ssl-ca'),
    cert: given('ssl-cert'),
    key: given('ssl-key'),
    connectTimeout: 1000 * seconds(given('connect-timeout')),
    name: `mysql://${encodeURIComponent(user)}@${hostName(host, port)}/${encodeURIComponent(database)}`,
  };
}

function passwordOf(
  url: DatabaseUrl,
  passwordEnv: string | undefined,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  if (passwordEnv === undefined) return url.password ?? (environment['MYSQL_PWD'] || undefined);
  const password = environment[passwordEnv];
  if (password) return password;
  throw wrong(
    `--password-env: the variable ${passwordEnv} is not set`,
    `export ${passwordEnv}, or leave --password-env out`,
  );
}

function portOf(text: string | undefined): number {
  if (!text) return DEFAULT_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw wrong(`MYSQL_TCP_PORT is no port: ${text}`, 'a port is a number from 1 to 65535');
}

function seconds(text: string | null): number {
  const value = text === null ? CONNECT_SECONDS : Number(text);
  if (value > 0) return value;
  throw wrong(`connect-timeout is a number of seconds, not ${text}`, 'write connect-timeout=10');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function hostName(host: string, port: number): string {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return port === DEFAULT_PORT ? bracketed : `${bracketed}:${port}`;
}

function wrong(message: string, hint: string): TrancheError {
  return new TrancheError('usage', message, { hint });
}

import { userInfo } from 'node:os';
import { type DatabaseUrl, parseDatabaseUrl } from '../core/database-url.js';
import { TrancheError } from '../core/errors.js';
import { type TlsSettings, tlsSettings } from './tls-settings.js';

/** What is needed to connect: from a URL, else from the variables that libpq knows. Times in milliseconds. */
export interface ConnectionSettings {
  /** A directory for a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Undefined: looked up in ~/.pgpass, if the server asks. */
  readonly password: string | undefined;
  readonly tls: TlsSettings | null;
  readonly connectTimeout: number;
  readonly options: string | undefined;
}

const CONNECT_TIMEOUT = 10_000;
const PORT = 5432;

/** True for `postgres://` and `postgresql://`. */
export function isPostgresUrl(spec: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(spec);
}

/** Reads `postgres://…`; both spellings of the scheme are the same. Throws `usage`. */
export function parsePostgresUrl(spec: string): DatabaseUrl {
  return { ...parseDatabaseUrl(spec), scheme: 'postgres' };
}

/** `passwordEnv` is the name of a variable that holds the password. Throws `usage` for a parameter that cannot be. */
export function connectionSettings(
  url: DatabaseUrl,
  passwordEnv: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): ConnectionSettings {
  const given = (parameter: string, variable: string): string | undefined =>
    url.parameters.get(parameter) || environment[variable] || undefined;
  const host = url.host ?? given('host', 'PGHOST') ?? 'localhost';
  const user = url.user ?? given('user', 'PGUSER') ?? userInfo().username;
  const seconds = Number(given('connect_timeout', 'PGCONNECT_TIMEOUT') ?? 0);
  return {
    host,
    port: url.port ?? Number(given('port', 'PGPORT') ?? PORT),
    user,
    database: url.database ?? given('dbname', 'PGDATABASE') ?? user,
    password: passwordOf(url, passwordEnv, environment),
    tls: tlsSettings(host, given),
    connectTimeout: seconds > 0 ? seconds * 1000 : CONNECT_TIMEOUT,
    options: given('options', 'PGOPTIONS'),
  };
}

function passwordOf(
  url: DatabaseUrl,
  passwordEnv: string | undefined,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  if (passwordEnv === undefined) return url.password ?? (environment['PGPASSWORD'] || undefined);
  const password = environment[passwordEnv];
  if (password) return password;
  throw new TrancheError('usage', `--password-env: the variable ${passwordEnv} is not set`, {
    hint: `export ${passwordEnv}, or leave --password-env out`,
  });
}

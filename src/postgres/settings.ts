import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type DatabaseUrl, parseDatabaseUrl } from '../core/database-url.js';
import { TrancheError } from '../core/errors.js';

/** How a connection is encrypted. */
export interface TlsSettings {
  /** Go on in the clear if the server has no TLS. */
  readonly optional: boolean;
  /** Whether the certificate has to be one that is trusted, and made for this host. */
  readonly verifies: 'nothing' | 'chain' | 'chain and host';
  /** PEM texts. */
  readonly rootCertificate: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

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
const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof modes)[number];

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
    tls: tlsOf(host, given),
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

/** As libpq means the modes. Without one, certificates are checked, and a server on this machine is not asked for any. */
function tlsOf(
  host: string,
  given: (parameter: string, variable: string) => string | undefined,
): TlsSettings | null {
  const mode = given('sslmode', 'PGSSLMODE');
  if (mode !== undefined && !modes.includes(mode as SslMode)) {
    throw new TrancheError('usage', `sslmode is one of ${modes.join(', ')}, not ${mode}`);
  }
  if (mode === 'disable' || host.startsWith('/') || (mode === undefined && isLoopback(host))) return null;
  const root = given('sslrootcert', 'PGSSLROOTCERT');
  return {
    optional: mode === undefined || mode === 'prefer' || mode === 'allow',
    verifies: verification(mode as SslMode | undefined, root !== undefined),
    rootCertificate: root === undefined || root === 'system' ? undefined : pem(root),
    certificate: optionalPem(given('sslcert', 'PGSSLCERT')),
    key: optionalPem(given('sslkey', 'PGSSLKEY')),
  };
}

function verification(mode: SslMode | undefined, hasRoot: boolean): TlsSettings['verifies'] {
  switch (mode) {
    case undefined:
    case 'verify-full':
      return 'chain and host';
    case 'verify-ca':
      return 'chain';
    case 'require':
      return hasRoot ? 'chain' : 'nothing';
    default:
      return 'nothing';
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function optionalPem(path: string | undefined): string | undefined {
  return path === undefined ? undefined : pem(path);
}

function pem(path: string): string {
  if (!existsSync(path)) {
    throw new TrancheError('usage', `the certificate or key ${path} does not exist`, { path });
  }
  return readFileSync(path, 'utf8');
}

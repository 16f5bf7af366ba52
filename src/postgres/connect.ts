import type pg from 'pg';
import { systemCode, TrancheError } from '../core/errors.js';
import { serverError } from './errors.js';
import { passwordFile, storedPassword } from './pgpass.js';
import type { ConnectionSettings } from './settings.js';
import type { TlsSettings } from './tls-settings.js';

const KEEPALIVE_DELAY = 30_000;
/** SQLSTATE of a server that does not let in who comes in this way. */
const NOT_THIS_WAY = '28000';

/** Connects with the driver, encrypted or in the clear or trying both. Rejects with what driver or server said of the attempt that says more. */
export async function connect(driver: typeof pg, settings: ConnectionSettings): Promise<pg.Client> {
  const { tls } = settings;
  const [first, second] = tls?.clear === 'first' ? [null, tls] : [tls, null];
  try {
    return await attempt(driver, settings, first);
  } catch (error) {
    if (!tls || !mayBeOtherwise(tls, error)) throw error;
    return await attempt(driver, settings, second).catch(other => {
      throw serverError(error)?.sqlState === NOT_THIS_WAY && !hasNoTls(other) ? other : error;
    });
  }
}

async function attempt(
  driver: typeof pg,
  settings: ConnectionSettings,
  tls: TlsSettings | null,
): Promise<pg.Client> {
  const { host, port, user, database, connectTimeout, options } = settings;
  const client = new driver.Client({
    host,
    port,
    user,
    database,
    // Called if the server asks. The driver would look in the same places, with warnings of its own.
    password: async () => settings.password ?? lookUpPassword(settings),
    ...(options === undefined ? {} : { options }),
    ssl: tls === null ? false : tlsOptions(host, tls),
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_DELAY,
    types: { getTypeParser: () => (value: string) => value },
  } as pg.ClientConfig);
  // Until somebody listens an error event would end the program.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw tls === null ? error : withTlsHint(error);
  }
}

/** Whether the server was reached, and may take a connection that is encrypted where this one was not, or the other way round. */
function mayBeOtherwise({ clear }: TlsSettings, error: unknown): boolean {
  if (clear === 'never') return false;
  if (hasNoTls(error)) return true;
  return clear !== 'without TLS' && (serverError(error) !== null || tlsCode(error) !== undefined);
}

function hasNoTls(error: unknown): boolean {
  return /does not support SSL/i.test(String(error));
}

function lookUpPassword(settings: ConnectionSettings): string {
  const file = passwordFile();
  const password = storedPassword(file, settings);
  if (password !== null) return password;
  throw new TrancheError('io', `the server asks for a password of ${settings.user}, and none is known`, {
    operation: 'connect',
    hint: `put it into the URL, into PGPASSWORD, into ${file}, or into the variable that --password-env names`,
  });
}

function tlsOptions(host: string, tls: TlsSettings) {
  return {
    rejectUnauthorized: tls.verifies !== 'nothing',
    ...(tls.verifies === 'chain and host' ? {} : { checkServerIdentity: () => undefined }),
    ...(tls.rootCertificate === undefined ? {} : { ca: tls.rootCertificate }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    servername: /^[\d.]+$|:/.test(host) ? '' : host,
  };
}

function withTlsHint(error: unknown): unknown {
  const code = tlsCode(error);
  if (code === undefined || !(error instanceof Error)) return error;
  const [what, hint] = explained(code);
  const { reason: words = error.message } = error as { readonly reason?: string };
  return new TrancheError('io', `${what}: ${words} (${code})`, {
    operation: 'connect',
    cause: error,
    hint,
  });
}

/** What an error of TLS is about: our own certificate, what the server thinks of it, or the server's. */
function explained(code: string): readonly [what: string, hint: string] {
  if (/^ERR_OSSL/.test(code)) {
    return [
      'a certificate or key cannot be used',
      'sslrootcert, sslcert and sslkey are PEM files, the key that of the certificate and without a passphrase',
    ];
  }
  if (/^ERR_SSL/.test(code)) {
    return [
      'the server does not go on with TLS',
      'check that the server trusts the authority of ?sslcert=FILE',
    ];
  }
  return [
    "the server's certificate is not trusted",
    'name its authority with ?sslrootcert=FILE, or do without the check: ?sslmode=require',
  ];
}

/** The code of an error of TLS; undefined for any other. */
function tlsCode(error: unknown): string | undefined {
  const code = systemCode(error instanceof TrancheError ? error.cause : error);
  return /CERT|SIGNATURE|ALTNAME|SELF_SIGNED|^ERR_(?:OSSL|SSL|TLS)/.test(code ?? '') ? code : undefined;
}

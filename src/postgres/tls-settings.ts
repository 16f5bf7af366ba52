import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TrancheError } from '../core/errors.js';

/** How a connection is encrypted. */
export interface TlsSettings {
  /** When the connection is in the clear: never; if the server has no TLS; at the first attempt; at the last, if TLS came to nothing. */
  readonly clear: 'never' | 'without TLS' | 'first' | 'last';
  /** Whether the certificate has to be one that is trusted, and made for this host. */
  readonly verifies: 'nothing' | 'chain' | 'chain and host';
  /** PEM texts. */
  readonly rootCertificate: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof modes)[number];

/** Permissions that a key may not give: to anybody but its owner, or, if that is root, but the group that reads it. */
const OTHERS = 0o077;
const OTHERS_OF_ROOT = 0o037;

/**
 * As libpq means the modes, with its files in `~/.postgresql` where none are named. Without a mode, certificates are checked, and a server on this machine is not
 * asked for any. Null: never encrypted. Throws `usage` for a parameter or a file that cannot be.
 */
export function tlsSettings(
  host: string,
  given: (parameter: string, variable: string) => string | undefined,
): TlsSettings | null {
  const mode = modeOf(given('sslmode', 'PGSSLMODE'));
  if (mode === 'disable' || host.startsWith('/') || (mode === undefined && isLoopback(host))) return null;
  const root = given('sslrootcert', 'PGSSLROOTCERT') ?? ofUser('root.crt');
  const certificate = given('sslcert', 'PGSSLCERT') ?? ofUser('postgresql.crt');
  const key = given('sslkey', 'PGSSLKEY') ?? ofUser('postgresql.key');
  return {
    clear: clearOf(mode),
    verifies: verification(mode, root !== undefined),
    rootCertificate: root === undefined || root === 'system' ? undefined : pem(root),
    certificate: certificate && pem(certificate),
    key: certificate && keyOf(certificate, key),
  };
}

function modeOf(text: string | undefined): SslMode | undefined {
  const mode = modes.find(one => one === text);
  if (text === undefined || mode !== undefined) return mode;
  throw new TrancheError('usage', `sslmode is one of ${modes.join(', ')}, not ${text}`);
}

function clearOf(mode: SslMode | undefined): TlsSettings['clear'] {
  switch (mode) {
    case undefined:
      return 'without TLS';
    case 'allow':
      return 'first';
    case 'prefer':
      return 'last';
    default:
      return 'never';
  }
}

function verification(mode: SslMode | undefined, hasRoot: boolean): TlsSettings['verifies'] {
  switch (mode) {
    case undefined:
    case 'verify-full':
      return 'chain and host';
    case 'verify-ca':
      return 'chain';
    default:
      return hasRoot ? 'chain' : 'nothing';
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function ofUser(name: string): string | undefined {
  const path = join(homedir(), '.postgresql', name);
  return existsSync(path) ? path : undefined;
}

function keyOf(certificate: string, path: string | undefined): string {
  if (path === undefined) {
    throw new TrancheError('usage', `there is no key to the certificate ${certificate}`, {
      path: certificate,
      hint: 'name it with ?sslkey=FILE or PGSSLKEY',
    });
  }
  const text = pem(path);
  const { mode, uid } = statSync(path);
  if (process.platform === 'win32' || (mode & (uid === 0 ? OTHERS_OF_ROOT : OTHERS)) === 0) return text;
  throw new TrancheError('usage', `the key ${path} is not used: others than its owner may read it`, {
    path,
    hint: `chmod 600 ${path}`,
  });
}

function pem(path: string): string {
  if (!existsSync(path)) {
    throw new TrancheError('usage', `the certificate or key ${path} does not exist`, { path });
  }
  return readFileSync(path, 'utf8');
}

import { readFile } from 'node:fs/promises';
import { ioError, TrancheError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';

/**
 * How a connection is encrypted, in the words of the mysql client: `disabled`; `preferred` where the server can, and then with its
 * certificate and name verified; `required` without looking at the certificate; `verify-ca` with the certificate, `verify-identity` with the name as well.
 */
export type TlsMode = 'disabled' | 'preferred' | 'required' | 'verify-ca' | 'verify-identity';

const modes: Readonly<Record<string, TlsMode>> = {
  disabled: 'disabled',
  preferred: 'preferred',
  required: 'required',
  'verify-ca': 'verify-ca',
  'verify-identity': 'verify-identity',
  // As libpq calls them.
  disable: 'disabled',
  prefer: 'preferred',
  allow: 'preferred',
  require: 'required',
  'verify-full': 'verify-identity',
};

/** The mode that `ssl-mode` names; without one, `preferred`, and none at all where the server is on this very machine. */
export function tlsModeOf(named: string | null, isLocal: boolean): TlsMode {
  if (named === null) return isLocal ? 'disabled' : 'preferred';
  const name = named.toLowerCase().replaceAll('_', '-');
  if (Object.hasOwn(modes, name)) return modes[name]!;
  throw new TrancheError('usage', `ssl-mode is not ${named}${didYouMean(name, Object.keys(modes))}`, {
    hint: 'one of disabled, preferred, required, verify-ca, verify-identity',
  });
}

/** What the driver is told of TLS. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly verifyIdentity: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The options for a mode; null for `disabled`. Reads the files of certificates. Throws `usage` for a certificate without its key. */
export async function tlsOptions(
  mode: TlsMode,
  files: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null },
): Promise<TlsOptions | null> {
  if (mode === 'disabled') return null;
  if (files.cert !== null && files.key === null) {
    throw new TrancheError('usage', `there is no key to the certificate ${files.cert}`, {
      path: files.cert,
      hint: 'name it with ssl-key=FILE',
    });
  }
  const [ca, cert, key] = await Promise.all([read(files.ca), read(files.cert), read(files.key)]);
  return {
    rejectUnauthorized: mode !== 'required',
    verifyIdentity: mode === 'preferred' || mode === 'verify-identity',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** What may help against an error of TLS; undefined for any other. */
export function tlsHint(error: unknown): string | undefined {
  const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string };
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT')
    return 'the server has no TLS: allow that with ?ssl-mode=preferred';
  if (/^ERR_OSSL/.test(code)) {
    return 'ssl-ca, ssl-cert and ssl-key are files in PEM, the key that of the certificate and without a passphrase';
  }
  if (/^ERR_SSL/.test(code)) return 'check that the server trusts the authority of ?ssl-cert=FILE';
  const words = code === 'HANDSHAKE_SSL_ERROR' ? `${code} ${message}` : code;
  if (!/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ERR_TLS/i.test(words)) return undefined;
  return "name the server's certificate authority with ?ssl-ca=FILE, or encrypt without verifying: ?ssl-mode=required";
}

async function read(path: string | null): Promise<string | undefined> {
  if (path === null) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw ioError('read', path, error, 'check the path given with ssl-ca, ssl-cert or ssl-key');
  }
}

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

/** The options for a mode; null for `disabled`. Reads the files of certificates. */
export async function tlsOptions(
  mode: TlsMode,
  files: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null },
): Promise<TlsOptions | null> {
  if (mode === 'disabled') return null;
  const [ca, cert, key] = await Promise.all([read(files.ca), read(files.cert), read(files.key)]);
  return {
    rejectUnauthorized: mode !== 'required',
    verifyIdentity: mode === 'preferred' || mode === 'verify-identity',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

async function read(path: string | null): Promise<string | undefined> {
  if (path === null) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw ioError('read', path, error, 'check the path given with ssl-ca, ssl-cert or ssl-key');
  }
}

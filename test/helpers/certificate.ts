import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary.js';

/** A certificate for 127.0.0.1 that nobody but itself vouches for. */
export interface Certificate {
  /** PEM texts. */
  readonly key: string;
  readonly cert: string;
  /** The file of `cert`. */
  readonly path: string;
}

/** Makes one; null where there is no OpenSSL. */
export async function selfSigned(): Promise<Certificate | null> {
  const directory = await temporaryDirectory();
  const [key, path] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const form = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  try {
    execFileSync('openssl', [...form, ...subject, '-keyout', key, '-out', path], { stdio: 'ignore' });
  } catch (error) {
    if (process.env['CI'] === 'true') throw new Error('openssl is needed where CI=true', { cause: error });
    return null;
  }
  return { key: await readFile(key, 'utf8'), cert: await readFile(path, 'utf8'), path };
}

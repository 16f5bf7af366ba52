import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary.js';

/** Files of a certificate and its key (PEM, the key for its owner alone). */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Why there are no certificates; false if there is OpenSSL. */
export const missingOpenssl: string | false = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'openssl is not installed here';
  }
})();

/** A certificate authority that nobody knows, and what it vouches for. */
export class Authority {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async make(): Promise<Authority> {
    const authority = new Authority(await temporaryDirectory());
    const extent = ['-days', '2', '-addext', 'basicConstraints=critical,CA:TRUE'];
    const files = ['-keyout', 'authority.key', '-out', 'authority.crt'];
    authority.#openssl(
      'req',
      '-x509',
      ...fresh,
      ...files,
      '-subj',
      `/CN=authority ${randomUUID()}`,
      ...extent,
    );
    return authority;
  }

  /** The file of its own certificate. */
  get path(): string {
    return this.#path('authority.crt');
  }

  /** Makes a certificate whose common name is `name`, for hosts such as `DNS:localhost` if any. */
  sign(name: string, hosts?: string): Identity {
    const alternatives = hosts === undefined ? [] : ['-addext', `subjectAltName=${hosts}`];
    const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`];
    this.#openssl('req', ...fresh, ...files, '-subj', `/CN=${name}`, ...alternatives);
    const by = ['-CA', 'authority.crt', '-CAkey', 'authority.key', '-CAcreateserial', '-days', '2'];
    const copied = ['-copy_extensions', 'copy', '-out', `${name}.crt`];
    this.#openssl('x509', '-req', '-in', `${name}.csr`, ...by, ...copied);
    return { cert: this.#path(`${name}.crt`), key: this.#path(`${name}.key`) };
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  #openssl(...words: readonly string[]): void {
    execFileSync('openssl', words, { cwd: this.#directory, stdio: 'ignore' });
  }
}

const fresh = ['-newkey', 'rsa:2048', '-nodes'];

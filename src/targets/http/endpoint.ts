import { TrancheError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';

/** Where requests go. */
export interface Endpoint {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, as they are sent. */
  readonly path: string;
  /** As a message may show it, without secrets. */
  readonly name: string;
  /** `user:password`, where the URL has them. */
  readonly user: string | null;
}

/** True for `http://` and `https://`. */
export function isHttpUrl(spec: string): boolean {
  return /^https?:\/\//i.test(spec);
}

/** Reads a URL. Throws `usage`, without its secrets. */
export function parseEndpoint(spec: string): Endpoint {
  const url = URL.canParse(spec) ? new URL(spec) : null;
  if (url === null) throw wrong(spec, 'it cannot be read');
  if (url.hash !== '') throw wrong(spec, 'what stands behind # is never sent to a server');
  const { origin, pathname, search, username, password } = url;
  const path = `${pathname}${search}`;
  return {
    origin,
    path,
    name: redact(`${origin}${path}`),
    user: username === '' && password === '' ? null : `${decoded(spec, username)}:${decoded(spec, password)}`,
  };
}

function decoded(spec: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(spec, 'a % before its @ is not followed by two hexadecimal digits');
  }
}

function wrong(spec: string, what: string): TrancheError {
  return new TrancheError('usage', `the URL ${redact(spec)}: ${what}`, {
    hint: 'write https://HOST:PORT/PATH?QUERY, with special characters percent-encoded (# is %23)',
  });
}

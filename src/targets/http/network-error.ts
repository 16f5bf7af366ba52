import { systemCode, TrancheError } from '../../core/errors.js';

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no answer to the call for a connection',
  UND_ERR_CONNECT_TIMEOUT: 'no answer to the call for a connection',
  UND_ERR_SOCKET: 'the connection was closed before the answer was there',
};

/** A certificate that cannot be verified stays that way, and so does a server that speaks no TLS. */
const TLS = /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_CA$|^INVALID_PURPOSE$|^PATH_LENGTH_EXCEEDED$/;
const NO_TLS = /^EPROTO$|^ERR_SSL_/;

/** Why an attempt was given up before there was an answer: its time is over, or the run is to end at once. */
export function abortError({ reason }: AbortSignal, request: string): TrancheError {
  if (reason instanceof TrancheError) return reason;
  const details = { operation: 'request', path: request, kind: 'transient', cause: reason } as const;
  return new TrancheError('timeout', `${request}: given up before there was an answer`, details);
}

/** What went wrong between us and the server, in words. */
export function networkError(error: unknown, request: string): TrancheError {
  const code = systemCode(error) ?? '';
  const message = words[code] ?? (error instanceof Error ? error.message : String(error));
  const details = { operation: 'request', path: request, cause: error };
  if (TLS.test(code)) {
    return new TrancheError(
      'target_refused',
      `${request}: its certificate is not trusted: ${message} (${code})`,
      {
        ...details,
        hint: 'if the certificate is of an authority of your own, name its file in NODE_EXTRA_CA_CERTS',
      },
    );
  }
  if (NO_TLS.test(code)) {
    return new TrancheError('target_refused', `${request}: no encrypted connection can be made: ${message}`, {
      ...details,
      hint: 'if the server does not speak TLS, write http://',
    });
  }
  return new TrancheError('io', `${request}: ${message}${code === '' ? '' : ` (${code})`}`, {
    ...details,
    kind: 'transient',
  });
}

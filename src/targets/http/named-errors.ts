import type { Answer } from './answer.js';

/** A record that an answer complains about. */
export interface NamedError {
  /** Which record of those sent, from 0; null where the answer does not say it. */
  readonly index: number | null;
  readonly message: string | null;
}

/** What `{"errors":[{"index":N,"message":…}]}` says; null where a body is nothing of that kind. */
export function namedErrorsOf({ body, cut }: Answer): readonly NamedError[] | null {
  if (cut || !body.includes('"errors"')) return null;
  const errors = errorsIn(body);
  return Array.isArray(errors) ? errors.map(namedError) : null;
}

function errorsIn(body: Buffer): unknown {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    return typeof json === 'object' && json !== null ? (json as { errors?: unknown }).errors : null;
  } catch {
    return null;
  }
}

function namedError(error: unknown): NamedError {
  const { index, message } = (error ?? {}) as { index?: unknown; message?: unknown };
  return {
    index: typeof index === 'number' ? index : null,
    message:
      typeof message === 'string' && message !== '' ? message : typeof error === 'string' ? error : null,
  };
}

import { TrancheError } from '../../core/errors.js';
import type { RequestHeader } from './header.js';

/** Where credentials may come from. */
export interface CredentialSources {
  /** Names of variables. */
  readonly bearerEnv: string | undefined;
  readonly userEnv: string | undefined;
  /** `user:password` of the URL. */
  readonly user: string | null;
  readonly headers: readonly RequestHeader[];
}

/** The value of the header `Authorization`, and the secrets that it was made of. */
export interface Authorization {
  readonly value: string;
  readonly secrets: readonly string[];
}

/** What the variables or the URL say; null: nothing. Throws `usage` where more than one way was taken, or a variable is missing. */
export function authorizationOf(
  { bearerEnv, userEnv, user, headers }: CredentialSources,
  environment: NodeJS.ProcessEnv = process.env,
): Authorization | null {
  const ways = [
    bearerEnv === undefined ? [] : ['--bearer-env'],
    userEnv === undefined ? [] : ['--user-env'],
    user === null ? [] : ['user and password in the URL'],
    headers.some(({ name }) => name.toLowerCase() === 'authorization') ? ['-H Authorization'] : [],
  ].flat();
  if (ways.length > 1) throw new TrancheError('usage', `${ways.join(' and ')} exclude each other`);
  if (bearerEnv !== undefined) return bearer(variable('--bearer-env', bearerEnv, environment));
  if (userEnv !== undefined) return basic(userAndPassword(userEnv, environment));
  return user === null ? null : basic(user);
}

function bearer(token: string): Authorization {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new TrancheError(
      'usage',
      'the token of --bearer-env has white space or other characters that no header can have',
    );
  return { value: `Bearer ${token}`, secrets: [token] };
}

function basic(user: string): Authorization {
  const encoded = Buffer.from(user).toString('base64');
  const colon = user.indexOf(':');
  return {
    value: `Basic ${encoded}`,
    secrets: [encoded, user, user.slice(0, colon), user.slice(colon + 1)],
  };
}

function userAndPassword(name: string, environment: NodeJS.ProcessEnv): string {
  const user = variable('--user-env', name, environment);
  if (!user.includes(':'))
    throw new TrancheError('usage', `--user-env: ${name} is not of the form user:password`);
  return user;
}

function variable(flag: string, name: string, environment: NodeJS.ProcessEnv): string {
  const value = environment[name];
  if (value) return value;
  throw new TrancheError('usage', `${flag}: the variable ${name} is not set`, {
    hint: `set it, such as with: export ${name}=…`,
  });
}

import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemCode, TrancheError } from '../core/errors.js';

/** What a password is looked up for. */
export interface PasswordFor {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

const OTHERS = 0o077;

/** Where passwords are kept: what `PGPASSFILE` names, else `~/.pgpass`. */
export function passwordFile(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['PGPASSFILE'] || join(homedir(), '.pgpass');
}

/**
 * The password that the first fitting line `host:port:database:user:password` of a file has, as libpq reads it; null without one, or without the file. A Unix
 * socket is `localhost`, or its directory. Throws `usage` if others may read the file.
 */
export function storedPassword(file: string, wanted: PasswordFor): string | null {
  const text = readPrivate(file);
  if (text === null) return null;
  const hosts = wanted.host.startsWith('/') ? [wanted.host, 'localhost'] : [wanted.host];
  const parts = [hosts, [String(wanted.port)], [wanted.database], [wanted.user]];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    const fits = parts.every((values, i) => fields[i] === '*' || values.includes(fields[i] ?? ''));
    if (fields.length > parts.length && fits) return fields[parts.length]!;
  }
  return null;
}

function readPrivate(file: string): string | null {
  try {
    const found = statSync(file);
    if (!found.isFile()) return null;
    if (process.platform !== 'win32' && (found.mode & OTHERS) !== 0) throw notPrivate(file);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** A backslash takes the meaning from a colon, or from itself. */
function fieldsOf(line: string): readonly string[] {
  const fields: string[] = [];
  let field = '';
  for (let i = 0; i < line.length; i++) {
    if (line[i] === ':') {
      fields.push(field);
      field = '';
    } else {
      field += line[i] === '\\' ? (line[++i] ?? '') : line[i];
    }
  }
  return [...fields, field];
}

function notPrivate(file: string): TrancheError {
  return new TrancheError(
    'usage',
    `${file} is not used: others than its owner may read the passwords in it`,
    {
      path: file,
      hint: `chmod 600 ${file}`,
    },
  );
}

import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { redact } from '../core/redact.js';

/** Characters of a job's name that tell of its source, and of its target. */
const PART_LENGTH = 40;

/**
 * The name of the job that copies `source` to `target` (as written on the command line) when the person gives
 * none: the same for the same pair of places, whatever the password in a URL; readable, and told apart by a
 * hash: `flights-csv-to-shop-db-orders-3f2a9c`.
 */
export function defaultJobName(source: string, target: string): string {
  const from = place(source);
  const to = place(target);
  const hash = createHash('sha256').update(`${from}\n${to}`).digest('hex').slice(0, 6);
  return `${slug(from, 'stdin')}-to-${slug(to, 'stdout')}-${hash}`;
}

/** A source or target without its password, and absolute where it is a file. */
function place(spec: string): string {
  if (spec === '-' || /^(exec|none):/.test(spec)) return spec;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(spec))
    return redact(spec).replace(':***@', '@').replace('://***@', '://');
  const [, scheme, path] = /^(sqlite:)?(.*)$/s.exec(spec)!;
  return `${scheme ?? ''}${resolve(path!)}`;
}

/** A few words of a place, in characters that every file system and shell takes as they are. */
function slug(from: string, standardStream: string): string {
  const text = words(from, standardStream)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, PART_LENGTH)
    .replace(/^-+|-+$/g, '');
  return text === '' ? 'data' : text;
}

function words(from: string, standardStream: string): string {
  if (from === '-') return standardStream;
  // Only the program: its arguments may hold what others should not read in a directory listing.
  if (from.startsWith('exec:')) return `exec ${basename(from.slice(5).trim().split(/\s/, 1)[0]!)}`;
  if (from.startsWith('none:')) return 'none';
  if (from.includes('://')) return urlWords(from);
  const name = basename(from);
  return /[*?[{]/.test(name) ? `${basename(dirname(from))} ${name}` : name;
}

/** The last part of the path, the table, and the host where there is no path. */
function urlWords(url: string): string {
  const [, host, path, table] = /^[^:]*:\/\/(?:[^/?#]*@)?([^/?#]*)([^?#]*)[^#]*(.*)$/s.exec(url)!;
  return `${basename(path!) || host} ${table}`;
}

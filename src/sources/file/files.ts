import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { ioError, systemCode, TrancheError } from '../../core/errors.js';
import { type FileFormat, formatOf } from '../../formats/file-format.js';

/**
 * The files that a source names: itself, the files of a directory, or those that match a pattern (`logs/*.csv`), sorted by name (by code unit, so the
 * order is the same everywhere). Throws `source_missing` if there is none.
 */
export async function expandFiles(spec: string): Promise<readonly string[]> {
  const found = await stat(spec).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null;
    throw ioError('read', spec, error);
  });
  if (found?.isDirectory()) return await filesOf(spec);
  if (found) return [spec];
  if (!/[*?[{]/.test(spec)) {
    throw new TrancheError('source_missing', `there is no file ${spec}`, {
      operation: 'open',
      path: spec,
      ...(/^[a-z]+:/.test(spec)
        ? { hint: 'a source is a file, a directory, a quoted pattern, - or the URL of a database' }
        : {}),
    });
  }
  const { glob } = await import('tinyglobby');
  // Names must not depend on the directory that a run was started in.
  const paths = await glob(spec, {
    dot: false,
    onlyFiles: true,
    expandDirectories: false,
    absolute: isAbsolute(spec),
  });
  return someOf(paths, spec);
}

async function filesOf(directory: string): Promise<readonly string[]> {
  const { readdir } = await import('node:fs/promises');
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries
    .filter(entry => (entry.isFile() || entry.isSymbolicLink()) && formatOf(entry.name).format !== null)
    .map(({ name }) => name);
  return someOf(
    names.map(name => join(directory, name)),
    directory,
  );
}

function someOf(paths: readonly string[], spec: string): readonly string[] {
  if (paths.length === 0) {
    throw new TrancheError('source_missing', `no file matches ${spec}`, {
      operation: 'open',
      path: spec,
      hint: 'files are looked for by the endings .csv .tsv .ndjson .jsonl, each also with .gz',
    });
  }
  return [...paths].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The format that all files have; it is known by their names, or has to be given. */
export function commonFormat(spec: string, paths: readonly string[]): FileFormat {
  const formats = new Set(paths.map(path => formatOf(path).format));
  const [format] = formats;
  if (formats.size === 1 && format) return format;
  if (formats.size > 1) {
    throw new TrancheError(
      'usage',
      `${spec} has files of several formats: ${[...formats].map(one => one ?? 'unknown').join(', ')}`,
      {
        hint: "name those of one format, for example 'logs/*.csv'",
      },
    );
  }
  throw new TrancheError(
    'usage',
    `the format of ${spec === '-' ? 'stdin' : spec} cannot be told from its name`,
    {
      hint: 'give --format csv, tsv or ndjson',
    },
  );
}

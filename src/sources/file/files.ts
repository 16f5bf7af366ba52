import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ioError, systemCode, TrancheError } from '../../core/errors.js';

/** Formats by the ending of a file's name, `.gz` left out. */
const endings: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
};

/** How records are written in a file. */
export type FileFormat = 'csv' | 'tsv' | 'ndjson';

/** The format that a name tells, and whether the file is compressed. */
export function formatOf(path: string): { format: FileFormat | null; gzip: boolean } {
  const lower = path.toLowerCase();
  const gzip = lower.endsWith('.gz');
  const ending = (gzip ? lower.slice(0, -3) : lower).split('.').at(-1) ?? '';
  return { format: Object.hasOwn(endings, ending) ? endings[ending]! : null, gzip };
}

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
    throw new TrancheError('source_missing', `there is no file ${spec}`, { operation: 'open', path: spec });
  }
  const { glob } = await import('tinyglobby');
  const paths = await glob(spec, { dot: false, onlyFiles: true, expandDirectories: false });
  return someOf(paths, spec);
}

async function filesOf(directory: string): Promise<readonly string[]> {
  const { readdir } = await import('node:fs/promises');
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries
    .filter(entry => entry.isFile() && formatOf(entry.name).format !== null)
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

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TrancheError } from '../core/errors.js';
import type { Transform } from '../core/transform.js';

/** Loads the module of `--transform` and takes its default export. */
export async function loadTransform(path: string): Promise<Transform> {
  const module = await load(path);
  const transform: unknown = module.default;
  if (typeof transform === 'function') return transform as Transform;
  throw new TrancheError('module', `${path} has no function as its default export`, {
    path,
    operation: 'import',
    hint: 'export default (record, context) => record',
  });
}

async function load(path: string): Promise<{ readonly default?: unknown }> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TrancheError('module', `cannot load ${path}: ${message}`, {
      path,
      operation: 'import',
      cause: error,
    });
  }
}

import { TrancheError } from '../core/errors.js';
import type { Transform } from '../core/transform.js';
import { loadDefault } from '../modules/load-module.js';

/** Loads the module of `--transform` and takes its default export. */
export async function loadTransform(path: string): Promise<Transform> {
  const transform = await loadDefault(path);
  if (typeof transform === 'function') return transform as Transform;
  throw new TrancheError('module', `${path} has no function as its default export`, {
    path,
    operation: 'import',
    hint: 'export default (record, context) => record',
  });
}

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TrancheError } from '../core/errors.js';

/** Loads somebody's own module, which runs it, and answers its default export. Throws `module` if it cannot be loaded. */
export async function loadDefault(path: string): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(resolve(path)).href);
    return defaultOf(module.default);
  } catch (error) {
    throw cannotLoad(path, error);
  }
}

/** CommonJS that a compiler wrote has its default export one level further down. */
function defaultOf(exported: unknown): unknown {
  const { __esModule: compiled, default: inner } = Object(exported) as Record<string, unknown>;
  return compiled === true && inner !== undefined ? inner : exported;
}

function cannotLoad(path: string, error: unknown): TrancheError {
  const details = { path, operation: 'import', cause: error };
  if (/\.[mc]?ts$/i.test(path) && !loadsTypeScript()) {
    return new TrancheError(
      'module',
      `cannot load ${path}: Node.js ${process.version} does not load TypeScript`,
      {
        ...details,
        hint: 'use Node.js 22.18 or newer, or compile the file to JavaScript first',
      },
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return new TrancheError('module', `cannot load ${path}: ${message}${placeOf(error)}`, details);
}

/** True since 22.18, and since 22.6 with `--experimental-strip-types`. */
function loadsTypeScript(): boolean {
  return 'typescript' in process.features && Boolean(process.features.typescript);
}

/** Where a syntax error is: its message does not say it. */
function placeOf(error: unknown): string {
  const first = error instanceof SyntaxError ? error.stack?.split('\n', 1)[0] : undefined;
  return first !== undefined && /:\d+$/.test(first) ? ` (${first})` : '';
}

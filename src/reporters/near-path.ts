import { isAbsolute, relative } from 'node:path';

/** A path as a person in the working directory would write it. */
export function nearPath(path: string): string {
  if (!isAbsolute(path)) return path;
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') ? path : near;
}

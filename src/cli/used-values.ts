import type { CopyOptionValues } from '../options.js';
import { unusedOptions } from '../plan/unused-options.js';
import type { Given } from './values.js';

/** The values without those that the environment has for other jobs. What was typed and does nothing stays, to be refused. */
export function usedValues<T extends CopyOptionValues>(
  source: string,
  target: string,
  values: T,
  given: Given,
): T {
  const unused = unusedOptions({ ...values, source, target }).filter(name => given[name] === undefined);
  return { ...values, ...Object.fromEntries(unused.map(name => [name, undefined])) };
}

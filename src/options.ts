import { databaseOptions } from './core/database-options.js';
import type { OptionValues } from './core/options.js';
import { batchOptions, engineDefaults, failureOptions, jobOptions, paceOptions } from './engine/options.js';
import { formatDefaults, formatOptions, keyOptions, recordOptions } from './formats/options.js';
import { tableSourceOptions } from './sources/options.js';
import { execOptions } from './targets/exec/options.js';
import { httpDefaults, httpOptions } from './targets/http/options.js';
import {
  fileTargetOptions,
  flightOptions,
  ledgerOptions,
  tableTargetOptions,
  targetDefaults,
} from './targets/options.js';

/** Every option of a job that the library and the command line share, each defined once. */
export const copyOptions = {
  ...jobOptions,
  ...batchOptions,
  ...failureOptions,
  ...flightOptions,
  ...paceOptions,
  ...recordOptions,
  ...formatOptions,
  ...tableSourceOptions,
  ...fileTargetOptions,
  ...tableTargetOptions,
  ...execOptions,
  ...ledgerOptions,
  ...keyOptions,
  ...httpOptions,
  ...databaseOptions,
} as const;

/** The values of {@link copyOptions}: sizes in bytes, durations in milliseconds, rates a second. */
export type CopyOptionValues = OptionValues<typeof copyOptions>;

/** What options are when they are not given, where that does not depend on source or target. */
export const copyDefaults = {
  ...engineDefaults,
  ...formatDefaults,
  ...targetDefaults,
  ...httpDefaults,
} as const;

/** Names of the options that change what is written: a resume must be given the same. */
export const fixedOptions: readonly (keyof CopyOptionValues)[] = (
  Object.keys(copyOptions) as (keyof typeof copyOptions)[]
).filter(name => 'fixed' in copyOptions[name] && copyOptions[name].fixed === true);

import type { OptionTable } from '../../core/options.js';
import { writtenOptions } from '../../formats/file-format.js';
import { flightOptionsFor } from '../options.js';
import type { TargetKind } from '../target-kind.js';
import { isHttpUrl } from './endpoint.js';
import { httpOptions } from './options.js';

/** `https://host/path`, `http://host/path`. */
export const httpTarget: TargetKind = {
  accepts: isHttpUrl,
  options: (spec, given) => ({
    ...httpOptions,
    ...flightOptionsFor(spec, given),
    ...(given.body === 'csv' ? csvOptions() : {}),
  }),
  // Loaded when it is needed: most jobs have no use for node:http.
  create: async (spec, context) => (await import('./create.js')).create(spec, context),
};

/** How CSV is written. */
function csvOptions(): OptionTable {
  const { toFormat: _, ...options } = writtenOptions('csv');
  return options;
}

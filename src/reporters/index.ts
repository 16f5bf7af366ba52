import { createBarReporter } from './bar.js';
import { createPlainReporter } from './plain.js';
import type { Reporter, ReporterContext } from './reporter.js';

/** How progress can be shown. */
export type ProgressStyle = 'bar' | 'plain' | 'none';

const nothing: Reporter = { report: () => {}, close: () => {} };

/** Every way to show progress. */
export const progressReporters: {
  readonly [style in ProgressStyle]: (context: ReporterContext) => Promise<Reporter>;
} = {
  bar: createBarReporter,
  plain: async context => createPlainReporter(context),
  none: async () => nothing,
};

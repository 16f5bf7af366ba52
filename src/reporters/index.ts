import type { Reporter, ReporterContext } from './reporter.js';

/** How progress can be shown. */
export type ProgressStyle = 'bar' | 'plain' | 'none';

const nothing: Reporter = { report: () => {}, close: () => {} };

/** Every way to show progress, loaded when it is used. */
export const progressReporters: {
  readonly [style in ProgressStyle]: (context: ReporterContext) => Promise<Reporter>;
} = {
  bar: async context => (await import('./bar.js')).createBarReporter(context),
  plain: async context => (await import('./plain.js')).createPlainReporter(context),
  none: async () => nothing,
};

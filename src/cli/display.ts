import type { Summary } from '../core/events.js';
import type { OptionValues } from '../core/options.js';
import { guard, together } from '../reporters/guard.js';
import { type ProgressStyle, progressReporters } from '../reporters/index.js';
import { createJsonReporter } from '../reporters/json.js';
import { createLogReporter } from '../reporters/log-file.js';
import { createMessageReporter } from '../reporters/messages.js';
import type { Reporter } from '../reporters/reporter.js';
import { Screen } from '../reporters/screen.js';
import { displayDefaults, type displayOptions } from './options.js';

/** The values of the display options. */
export type DisplayValues = OptionValues<typeof displayOptions>;

/** What is needed besides the options to show a run. */
export interface Shown {
  readonly screen: Screen;
  /** True if records go to stdout. */
  readonly dataOnStdout: boolean;
  /** What `--json` adds to the summary. */
  readonly outcome: (summary: Summary) => Record<string, unknown>;
  /** Takes the line of `--json`. */
  readonly json: (line: string) => void;
}

/** stderr as a screen, with what its terminal can do. */
export function openScreen(color: boolean | undefined): Screen {
  const { env, stderr } = process;
  const plain = color === false || Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return new Screen(stderr, {
    color: stderr.isTTY === true && !plain,
    unicode: process.platform !== 'linux' || /utf-?8/i.test(locale),
  });
}

/** Everything that listens to a run, as one reporter. Throws a TrancheError if the log file cannot be opened. */
export async function openReporters(values: DisplayValues, shown: Shown): Promise<Reporter> {
  const { screen } = shown;
  const { progressInterval: interval = displayDefaults.progressInterval, verbose = false } = values;
  const context = { screen, interval, verbose };
  const open: Reporter[] = [];

  function add(name: string, reporter: Reporter): void {
    open.push(
      guard(reporter, error => {
        screen.lines(`warning: ${name} stopped working: ${error instanceof Error ? error.message : error}`);
      }),
    );
  }

  if (values.logFile !== undefined) {
    add(`the log file ${values.logFile}`, createLogReporter(values.logFile, interval));
  }
  if (!values.quiet) {
    add('the display of messages', createMessageReporter(context));
    add('the display of progress', await progressReporters[progressStyle(values, shown)](context));
  }
  if (values.json) {
    add('the summary as JSON', createJsonReporter(shown.json, shown.outcome));
  }
  return together(open);
}

/** `auto`: a bar where somebody can see it, and where it does not mix with records on the same terminal. */
function progressStyle({ progress = 'auto' }: DisplayValues, { dataOnStdout }: Shown): ProgressStyle {
  if (progress !== 'auto') return progress;
  const { env, stderr, stdout } = process;
  if (!stderr.isTTY) return 'plain';
  if (dataOnStdout && stdout.isTTY) return 'none';
  const moves = env['TERM'] !== 'dumb' && (!env['CI'] || env['CI'] === 'false');
  return moves ? 'bar' : 'plain';
}

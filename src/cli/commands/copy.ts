import { TrancheError } from '../../core/errors.js';
import type { Summary } from '../../core/events.js';
import { type CopyOptionValues, copyOptions } from '../../options.js';
import type { Reporter } from '../../reporters/reporter.js';
import type { Screen } from '../../reporters/screen.js';
import { checkOptions } from '../check-options.js';
import { command, type Note } from '../command.js';
import { type DisplayValues, openReporters, openScreen } from '../display.js';
import { errorLines } from '../error-lines.js';
import { exitCodeOf, exitCodeOfError } from '../exit-codes.js';
import { stepLines, stepsAfterError, stepsAfterRun } from '../next-steps.js';
import { displayOptions } from '../options.js';
import { print } from '../output.js';
import { type Again, again } from '../resume-command.js';
import { shellLine } from '../shell.js';
import { watchSignals } from '../signals.js';
import { summaryLines } from '../summary.js';

const options = { ...copyOptions, ...displayOptions } as const;

const placesNote: Note = {
  title: 'SOURCE and TARGET',
  entries: [
    ['orders.csv', '.csv .tsv .ndjson .jsonl, each also .gz'],
    ["'logs/*.csv'", 'source: a quoted pattern or a directory; its files, sorted by name'],
    ['-', 'stdin or stdout (with --format, --to-format)'],
    ['sqlite:shop.db#orders', 'target: a table of a SQLite database'],
    ['none:', 'target: reads and checks every record, writes nothing'],
  ],
};

/** `tranche copy SOURCE TARGET`. */
export const copyCommand = command({
  name: 'copy',
  operands: [
    { name: 'SOURCE', summary: 'where records come from' },
    { name: 'TARGET', summary: 'where they go' },
  ],
  options,
  notes: [placesNote],
  examples: [
    {
      line: 'tranche copy orders.csv sqlite:shop.db#orders --resume',
      does: 'into a table; goes on if it was stopped',
    },
    {
      line: "tranche copy 'logs/*.csv.gz' all.ndjson --select time,status --max-errors 100",
      does: 'many files into one, two columns, up to 100 bad records set aside',
    },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 75, 129, 130, 143],
  run: async ({ operands, options: values, words }) => {
    const [source, target] = operands as readonly [string, string];
    checkOptions(values, target);
    const run = new CopyRun(source, target, values, again(words, options));
    return run.run();
  },
});

/** One run of `copy`: from its options to its exit code. */
class CopyRun {
  readonly #source: string;
  readonly #target: string;
  readonly #values: CopyOptionValues & DisplayValues;
  readonly #again: Again;
  readonly #screen: Screen;
  #json = '';

  constructor(source: string, target: string, values: CopyOptionValues & DisplayValues, commands: Again) {
    this.#source = source;
    this.#target = target;
    this.#values = values;
    this.#again = commands;
    this.#screen = openScreen(values.color);
  }

  async run(): Promise<number> {
    try {
      const summary = await this.#copy();
      await this.#tell(summary);
      return exitCodeOf(summary);
    } catch (error) {
      if (!(error instanceof TrancheError)) throw error;
      await this.#tellError(error);
      return exitCodeOfError(error.code);
    }
  }

  async #copy(): Promise<Summary> {
    const reporter = await this.#openReporters();
    const controller = new AbortController();
    const unwatch = watchSignals(controller, signal => {
      const sooner = signal === 'SIGINT' ? ' press Ctrl-C again to stop at once' : '';
      if (!this.#values.quiet) this.#screen.lines(`${signal}: stopping after the batch in hand …${sooner}`);
    });
    try {
      const { copy } = await import('../../copy.js');
      const plan = {
        ...this.#values,
        source: this.#source,
        target: this.#target,
        command: this.#again.resume,
      };
      return await copy(plan, {
        signal: controller.signal,
        report: reporter.report,
        stdin: process.stdin,
        stdout: process.stdout,
      });
    } finally {
      unwatch();
      reporter.close();
    }
  }

  #openReporters(): Promise<Reporter> {
    return openReporters(this.#values, {
      screen: this.#screen,
      dataOnStdout: this.#target === '-',
      json: line => {
        this.#json = line;
      },
      outcome: summary => {
        const [step] = stepsAfterRun(summary, this.#values.checkpoint !== false);
        const next = step === undefined ? null : shellLine(this.#again[step]);
        return { exitCode: exitCodeOf(summary), next };
      },
    });
  }

  async #tell(summary: Summary): Promise<void> {
    if (this.#json !== '') await print(this.#json);
    // Whoever closed the pipe has what was wanted.
    if (summary.stopped === 'output closed') return;
    const steps = stepsAfterRun(summary, this.#values.checkpoint !== false);
    if (summary.error !== null) this.#screen.lines(...this.#errorLines(summary.error));
    if (this.#values.quiet && summary.error === null) return;
    if (!this.#values.quiet) this.#screen.lines(...summaryLines(summary));
    this.#screen.lines(...stepLines(steps, this.#again, this.#source === '-'));
  }

  async #tellError(error: TrancheError): Promise<void> {
    const { code, message, hint = null, path = null } = error;
    this.#screen.lines(...this.#errorLines(error));
    this.#screen.lines(...stepLines(stepsAfterError(code), this.#again, this.#source === '-'));
    if (!this.#values.json) return;
    const failure = {
      status: 'failed',
      error: { code, message, hint, path },
      exitCode: exitCodeOfError(code),
    };
    await print(`${JSON.stringify(failure)}\n`);
  }

  #errorLines(error: TrancheError): readonly string[] {
    const [first = '', ...rest] = errorLines(error, this.#values.verbose === true);
    return [first.replace(/^tranche:/, this.#screen.paint('red', 'tranche:')), ...rest];
  }
}

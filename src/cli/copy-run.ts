import { TrancheError } from '../core/errors.js';
import type { Summary } from '../core/events.js';
import type { CopyOptionValues } from '../options.js';
import type { CopyHooks } from '../plan/plan.js';
import { printable } from '../reporters/printable.js';
import type { Reporter } from '../reporters/reporter.js';
import type { Screen } from '../reporters/screen.js';
import { showConsole } from './console-lines.js';
import { type DisplayValues, openReporters, openScreen } from './display.js';
import { watchEarlyExit } from './early-exit.js';
import { errorLines } from './error-lines.js';
import { exitCodeOf, exitCodeOfError } from './exit-codes.js';
import { type Step, stepLines, stepsAfterError, stepsAfterRun } from './next-steps.js';
import { print } from './output.js';
import type { Again } from './resume-command.js';
import { shellLine } from './shell.js';
import { watchSignals } from './signals.js';
import { keepHeapSmall } from './small-heap.js';
import { watchUncaught } from './uncaught.js';

/** What a run does, and what is special about it. */
export interface Work {
  /** Records come from stdin, or go to stdout. */
  readonly fromStdin: boolean;
  readonly toStdout: boolean;
  perform(hooks: CopyHooks): Promise<Summary>;
  /** The end of the run in lines. */
  lines(summary: Summary): readonly string[];
  /** What can be done about rejects. */
  readonly withRejects: Step;
}

/** One run of `copy` or `retry-rejects`, from its options to its exit code: shows it, and tells how it ended and what can be done next. */
export class CopyRun {
  readonly #work: Work;
  readonly #values: CopyOptionValues & DisplayValues;
  readonly #again: Again;
  readonly #screen: Screen;
  #json = '';
  /** What was thrown behind the run's back, if anything was. */
  #uncaught: TrancheError | null = null;

  constructor(work: Work, values: CopyOptionValues & DisplayValues, commands: Again) {
    this.#work = work;
    this.#values = values;
    this.#again = commands;
    this.#screen = openScreen(values.color);
  }

  async run(): Promise<number> {
    try {
      const summary = await this.#copy();
      await this.#tell(summary);
      if (!this.#uncaught || summary.error) return exitCodeOf(summary);
      // It came too late for the run to fail with it.
      this.#tellLines(this.#uncaught, []);
      return exitCodeOfError(this.#uncaught.code);
    } catch (error) {
      if (!(error instanceof TrancheError)) throw error;
      await this.#tellError(error);
      return exitCodeOfError(error.code);
    }
  }

  async #copy(): Promise<Summary> {
    keepHeapSmall();
    showConsole(this.#screen);
    const reporter = await this.#openReporters();
    const controllers = { stop: new AbortController(), abandon: new AbortController() };
    const unguard = watchEarlyExit();
    const end = watchUncaught(controllers, error => this.#tellLines(error, []));
    const unwatch = watchSignals(controllers, signal => {
      const sooner = signal === 'SIGINT' ? ' press Ctrl-C again to stop at once' : '';
      if (!this.#values.quiet) this.#screen.lines(`${signal}: stopping after the batch in hand …${sooner}`);
    });
    try {
      return await this.#work.perform({
        signal: controllers.stop.signal,
        abandon: controllers.abandon.signal,
        report: reporter.report,
        stdin: process.stdin,
        stdout: process.stdout,
      });
    } finally {
      this.#uncaught = end();
      unwatch();
      unguard();
      reporter.close();
    }
  }

  #openReporters(): Promise<Reporter> {
    return openReporters(this.#values, {
      screen: this.#screen,
      dataOnStdout: this.#work.toStdout,
      json: line => {
        this.#json = line;
      },
      outcome: summary => ({ exitCode: exitCodeOf(summary), next: this.#next(this.#stepsAfter(summary)) }),
    });
  }

  async #tell(summary: Summary): Promise<void> {
    if (this.#json !== '') await print(this.#json);
    // Whoever closed the pipe has what was wanted.
    if (summary.stopped === 'output closed') return;
    if (summary.error !== null) this.#tellLines(summary.error, []);
    if (this.#values.quiet && summary.error === null) return;
    // A command that was wrong did nothing that is worth a summary.
    if (!this.#values.quiet && exitCodeOf(summary) !== 2)
      this.#screen.lines(...this.#work.lines(summary).map(printable));
    this.#tellSteps(this.#stepsAfter(summary));
  }

  async #tellError(error: TrancheError): Promise<void> {
    const { code, message, hint = null, path = null } = error;
    const steps = stepsAfterError(code);
    this.#tellLines(error, steps);
    this.#tellSteps(steps);
    // A summary that could not be printed is not tried again in other words.
    if (!this.#values.json || this.#json !== '') return;
    const failure = {
      status: 'failed',
      error: { code, message, hint, path },
      exitCode: exitCodeOfError(code),
      next: this.#next(steps),
    };
    await print(`${JSON.stringify(failure)}\n`);
  }

  /** The hint is left out where whole commands say the same. */
  #tellLines(error: TrancheError, steps: readonly Step[]): void {
    const detail = { verbose: this.#values.verbose === true, hint: !steps.includes('resume') };
    const [first = '', ...rest] = errorLines(error, detail);
    this.#screen.lines(first.replace(/^tranche:/, this.#screen.paint('red', 'tranche:')), ...rest);
  }

  #tellSteps(steps: readonly Step[]): void {
    this.#screen.lines(...stepLines(steps, this.#again, this.#work.fromStdin));
  }

  #stepsAfter(summary: Summary): readonly Step[] {
    const checkpoints = this.#values.checkpoint !== false && !this.#values.dryRun;
    return stepsAfterRun(summary, checkpoints, this.#work.withRejects);
  }

  #next([step]: readonly Step[]): string | null {
    return step === undefined ? null : shellLine(this.#again[step]);
  }
}

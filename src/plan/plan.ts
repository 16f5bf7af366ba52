import type { Readable, Writable } from 'node:stream';
import type { Report } from '../core/events.js';
import type { CopyOptionValues } from '../options.js';

/** What to copy, and how: the options of the command line under the same names, in camel case. Sizes are bytes, durations milliseconds. */
export interface CopyPlan extends CopyOptionValues {
  /** A file, a pattern, a directory, or `-` for stdin. */
  readonly source: string;
  /** A file, `-` for stdout, `sqlite:FILE#table`, a module, `exec:COMMAND` or `none:`. */
  readonly target: string;
  /** The command that goes on after a stop, as words; kept in the checkpoint for whoever looks at it. */
  readonly command?: readonly string[];
}

/** What a run may be given besides its plan. */
export interface CopyHooks {
  /** Aborted: the run finishes the batch in hand, makes a checkpoint and answers with status `paused`. Its reason may be a `StopReason`, or a `TrancheError` for the run to fail with. */
  readonly signal?: AbortSignal;
  /** Aborted when the process is about to end: batches under way end at once, and with them the processes that a target began. */
  readonly abandon?: AbortSignal;
  /** Hears everything that happens. What it throws is ignored. */
  readonly report?: Report;
  readonly stdin?: Readable;
  readonly stdout?: Writable;
}

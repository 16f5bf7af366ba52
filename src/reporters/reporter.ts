import type { Report } from '../core/events.js';
import type { Screen } from './screen.js';

/** One function of an event, and an end. */
export interface Reporter {
  readonly report: Report;
  /** Takes away what it drew and stops its timers. May be called twice, and without an `ended` event before it. */
  close(): void;
}

/** What a reporter is given. */
export interface ReporterContext {
  readonly screen: Screen;
  /** Milliseconds between plain lines. */
  readonly interval: number;
  /** Print what happens besides the progress: retries, rejects, checkpoints. */
  readonly verbose: boolean;
}

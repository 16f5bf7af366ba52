import type { Writable } from 'node:stream';
import type { databaseOptions } from '../core/database-options.js';
import type { Report } from '../core/events.js';
import type { OptionValues } from '../core/options.js';
import type { Target } from '../core/target.js';
import type { FileFormat } from '../formats/file-format.js';
import type { formatOptions, recordOptions } from '../formats/options.js';
import type { execOptions } from './exec/options.js';
import type { fileTargetOptions, tableTargetOptions } from './options.js';

/** The options that targets look at. */
export type TargetOptions = OptionValues<
  typeof formatOptions &
    typeof recordOptions &
    typeof fileTargetOptions &
    typeof tableTargetOptions &
    typeof execOptions &
    typeof databaseOptions
>;

/** What a target is made of besides its name. */
export interface TargetContext {
  readonly options: TargetOptions;
  readonly stdout: Writable;
  /** Format of the source's files, if it has files. */
  readonly sourceFormat: FileFormat | null;
  /** Columns are selected, renamed or made by a transform: records cannot be handed on as they are. */
  readonly reshaped: boolean;
  /** Milliseconds that an attempt at a batch may take, and anything else that somebody else's code does. */
  readonly timeout: number;
  /** Takes what people's own code has to say. */
  readonly report: Report;
}

/** A kind of target. */
export interface TargetKind {
  /** Whether what the person wrote names a target of this kind. */
  accepts(spec: string): boolean;
  create(spec: string, context: TargetContext): Promise<Target>;
}

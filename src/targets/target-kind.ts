import type { Writable } from 'node:stream';
import type { databaseOptions } from '../core/database-options.js';
import type { Report } from '../core/events.js';
import type { OptionTable, OptionValues } from '../core/options.js';
import type { Target } from '../core/target.js';
import type { FileFormat } from '../formats/file-format.js';
import type { formatOptions, keyOptions, recordOptions } from '../formats/options.js';
import type { execOptions } from './exec/options.js';
import type { httpOptions } from './http/options.js';
import type { fileTargetOptions, flightOptions, ledgerOptions, tableTargetOptions } from './options.js';

/** The options that targets look at. */
export type TargetOptions = OptionValues<
  typeof formatOptions &
    typeof recordOptions &
    typeof fileTargetOptions &
    typeof tableTargetOptions &
    typeof execOptions &
    typeof flightOptions &
    typeof ledgerOptions &
    typeof keyOptions &
    typeof httpOptions &
    typeof databaseOptions
>;

/** What a target is made of besides its name. */
export interface TargetContext {
  readonly options: TargetOptions;
  readonly stdout: Writable;
  /** Format of the source's files, if it has files. */
  readonly sourceFormat: FileFormat | null;
  /** The source has no files, and its records are lines of CSV of the usual dialect. */
  readonly plainCsv?: boolean;
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
  /**
   * The options that mean something to this target and not to every job. What the name and the other options leave open may be any: all are
   * answered for an empty name.
   */
  options(spec: string, given: TargetOptions): OptionTable;
  create(spec: string, context: TargetContext): Promise<Target>;
}

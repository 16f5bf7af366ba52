import type { Readable } from 'node:stream';
import type { databaseOptions } from '../core/database-options.js';
import type { OptionTable, OptionValues } from '../core/options.js';
import type { Source } from '../core/source.js';
import type { formatOptions, keyOptions, recordOptions } from '../formats/options.js';
import type { tableSourceOptions } from './options.js';

/** The options that sources look at. */
export type SourceOptions = OptionValues<
  typeof formatOptions &
    typeof recordOptions &
    typeof tableSourceOptions &
    typeof keyOptions &
    typeof databaseOptions
>;

/** What a source is made of besides its name. */
export interface SourceContext {
  readonly options: SourceOptions;
  readonly stdin: Readable;
}

/** A kind of source. */
export interface SourceKind {
  /** Whether what the person wrote names a source of this kind. */
  accepts(spec: string): boolean;
  /**
   * The options that mean something to this source and not to every job. What the name and the other options leave open may be any: all are
   * answered for an empty name.
   */
  options(spec: string, given: SourceOptions): OptionTable;
  create(spec: string, context: SourceContext): Promise<Source>;
}

import type { Readable } from 'node:stream';
import type { databaseOptions } from '../core/database-options.js';
import type { OptionValues } from '../core/options.js';
import type { Source } from '../core/source.js';
import type { formatOptions, recordOptions } from '../formats/options.js';
import type { tableSourceOptions } from './options.js';

/** The options that sources look at. */
export type SourceOptions = OptionValues<
  typeof formatOptions & typeof recordOptions & typeof tableSourceOptions & typeof databaseOptions
> & {
  /** Columns that tell rows apart: `--key`, which is an option of targets too. */
  readonly key?: readonly string[] | undefined;
};

/** What a source is made of besides its name. */
export interface SourceContext {
  readonly options: SourceOptions;
  readonly stdin: Readable;
}

/** A kind of source. */
export interface SourceKind {
  /** Whether what the person wrote names a source of this kind. */
  accepts(spec: string): boolean;
  create(spec: string, context: SourceContext): Promise<Source>;
}

import type { Readable } from 'node:stream';
import type { OptionValues } from '../core/options.js';
import type { Source } from '../core/source.js';
import type { formatOptions, recordOptions } from '../formats/options.js';

/** The options that sources look at. */
export type SourceOptions = OptionValues<typeof formatOptions & typeof recordOptions>;

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

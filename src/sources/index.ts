import type { Readable } from 'node:stream';
import type { OptionValues } from '../core/options.js';
import type { Source } from '../core/source.js';
import type { formatOptions, recordOptions } from '../formats/options.js';
import { fileSource } from './file/index.js';

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

/** Every kind of source; the first that accepts is taken. A file accepts anything. */
export const sources: readonly SourceKind[] = [fileSource];

/** The source that a person named. */
export async function createSource(spec: string, context: SourceContext): Promise<Source> {
  const kind = sources.find(({ accepts }) => accepts(spec))!;
  return await kind.create(spec, context);
}

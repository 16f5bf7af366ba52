import type { Source } from '../core/source.js';
import { fileSource } from './file/index.js';
import { mysqlSource } from './mysql/index.js';
import { postgresSource } from './postgres/index.js';
import type { SourceContext, SourceKind } from './source-kind.js';
import { sqliteSource } from './sqlite/index.js';

/** Every kind of source; the first that accepts is taken. A file accepts anything. */
export const sources: readonly SourceKind[] = [postgresSource, mysqlSource, sqliteSource, fileSource];

/** Whether what a person named are files or stdin, and no table. */
export function isFile(spec: string): boolean {
  return sources.find(({ accepts }) => accepts(spec)) === fileSource;
}

/** The source that a person named. */
export async function createSource(spec: string, context: SourceContext): Promise<Source> {
  return await sourceKindOf(spec).create(spec, context);
}

/** The kind of source that a name stands for. */
export function sourceKindOf(spec: string): SourceKind {
  return sources.find(({ accepts }) => accepts(spec))!;
}

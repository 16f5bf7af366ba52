import { TrancheError } from '../../core/errors.js';
import { keyOptions } from '../../formats/options.js';
import { chosenRelation } from '../keyset/relation.js';
import { tableSourceOptions } from '../options.js';
import type { SourceContext, SourceKind } from '../source-kind.js';
import type { SqliteSource } from './sqlite-source.js';

const SCHEME = 'sqlite:';

/** `sqlite:FILE#table`, or `sqlite:FILE` with `--query`. */
export const sqliteSource: SourceKind = {
  accepts: spec => spec.startsWith(SCHEME),
  options: () => ({ ...tableSourceOptions, ...keyOptions }),
  create,
};

async function create(spec: string, { options }: SourceContext): Promise<SqliteSource> {
  const { path, table } = placeOf(spec, options.query !== undefined || options.fromTable !== undefined);
  const named = table === '' ? null : { schema: null, name: table };
  const relation = chosenRelation(`${SCHEME}${path}`, named, options);
  // Loaded when it is needed: most jobs have no use for it.
  const sqlite = await import('./sqlite-source.js');
  return new sqlite.SqliteSource({
    path,
    place: relation.kind === 'table' ? `${SCHEME}${path}#${relation.table.name}` : `${SCHEME}${path}`,
    relation,
    key: options.key ?? null,
    keyless: options.resumeSource === false,
  });
}

/** What stands behind the last `#` is the table, unless something else names what is read and there is no `#`. */
function placeOf(spec: string, named: boolean): { readonly path: string; readonly table: string } {
  const rest = spec.slice(SCHEME.length);
  const hash = rest.lastIndexOf('#');
  const path = hash < 0 ? rest : rest.slice(0, hash);
  if (path !== '') return { path, table: hash < 0 ? '' : rest.slice(hash + 1) };
  throw new TrancheError('usage', `${spec}: no database file is named`, {
    hint: named ? 'write sqlite:FILE' : 'write sqlite:FILE#TABLE',
  });
}

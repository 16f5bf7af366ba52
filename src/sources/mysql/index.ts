import { databaseOptions } from '../../core/database-options.js';
import { tableText } from '../../core/database-url.js';
import type { Source } from '../../core/source.js';
import { keyOptions } from '../../formats/options.js';
import { isMysqlUrl, mysqlPlace, parseMysqlUrl } from '../../mysql/place.js';
import { KeysetSource } from '../keyset/keyset-source.js';
import { chosenRelation } from '../keyset/relation.js';
import { tableSourceOptions } from '../options.js';
import type { SourceContext, SourceKind } from '../source-kind.js';

/** `mysql://user@host/database#table`, `mariadb://…` as well; or without a table and with `--query`. */
export const mysqlSource: SourceKind = {
  accepts: isMysqlUrl,
  options: () => ({ ...tableSourceOptions, ...keyOptions, ...databaseOptions }),
  create,
};

async function create(spec: string, { options }: SourceContext): Promise<Source> {
  const url = parseMysqlUrl(spec);
  const place = mysqlPlace(url, options.passwordEnv);
  const relation = chosenRelation(place.name, url.table, options);
  const name = relation.kind === 'table' ? `${place.name}#${tableText(relation.table)}` : place.name;
  const settings = {
    place,
    relation,
    key: options.key ?? null,
    keyless: options.resumeSource === false,
    name,
  };
  return new KeysetSource(name, async signal => {
    // Loaded when it is needed: most jobs have no use for it.
    const { MysqlTable } = await import('./mysql-table.js');
    return await MysqlTable.open(settings, signal);
  });
}

import { parseTableName, tableText } from '../../core/database-url.js';
import { TrancheError } from '../../core/errors.js';
import type { Source } from '../../core/source.js';
import { isMysqlUrl, mysqlPlace, parseMysqlUrl } from '../../mysql/place.js';
import { KeysetSource } from '../keyset/keyset-source.js';
import type { SourceContext, SourceKind } from '../source-kind.js';
import type { MysqlSourceSettings } from './settings.js';

/** `mysql://user@host/database#table`, `mariadb://…` as well. */
export const mysqlSource: SourceKind = { accepts: isMysqlUrl, create };

async function create(spec: string, { options }: SourceContext): Promise<Source> {
  const url = parseMysqlUrl(spec);
  const place = mysqlPlace(url, options.passwordEnv);
  const { query, fromTable } = options;
  const table = fromTable === undefined ? url.table : parseTableName(fromTable);
  if (query !== undefined && table !== null) {
    throw new TrancheError('usage', `${place.name}: --query and a table exclude each other`);
  }
  const settings: Omit<MysqlSourceSettings, 'from' | 'name'> = { place, key: options.key ?? null };
  if (query !== undefined)
    return source({ ...settings, from: { kind: 'query', sql: query }, name: place.name });
  if (table === null) {
    throw new TrancheError('usage', `${place.name}: no table is named`, {
      hint: `write ${place.name}#TABLE, or give --from-table, or --query with --key`,
    });
  }
  const from = { kind: 'table', database: table.schema ?? place.database, table: table.name } as const;
  return source({ ...settings, from, name: `${place.name}#${tableText(table)}` });
}

function source(settings: MysqlSourceSettings): Source {
  return new KeysetSource(settings.name, async signal => {
    const { MysqlTable } = await import('./mysql-table.js');
    return await MysqlTable.open(settings, signal);
  });
}

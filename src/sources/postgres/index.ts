import { databaseOptions } from '../../core/database-options.js';
import { placeText } from '../../core/database-url.js';
import { keyOptions } from '../../formats/options.js';
import { connectionSettings, isPostgresUrl, parsePostgresUrl } from '../../postgres/settings.js';
import { demandKept } from '../../postgres/sql.js';
import { chosenRelation } from '../keyset/relation.js';
import { tableSourceOptions } from '../options.js';
import type { SourceContext, SourceKind } from '../source-kind.js';
import type { PostgresSource } from './postgres-source.js';

/** `postgres://user@host/db#schema.table`, or without a table and with `--query`. */
export const postgresSource: SourceKind = {
  accepts: isPostgresUrl,
  options: () => ({ ...tableSourceOptions, ...keyOptions, ...databaseOptions }),
  create,
};

async function create(spec: string, { options }: SourceContext): Promise<PostgresSource> {
  const url = parsePostgresUrl(spec);
  const relation = chosenRelation(placeText(url, null), url.table, options);
  if (relation.kind === 'table') {
    demandKept('the table', [relation.table.schema, relation.table.name], 'write the name that it has');
  }
  // Loaded when it is needed: most jobs have no use for it.
  const postgres = await import('./postgres-source.js');
  return new postgres.PostgresSource({
    place: placeText(url, relation.kind === 'table' ? relation.table : null),
    connection: connectionSettings(url, options.passwordEnv),
    relation,
    key: options.key ?? null,
    keyless: options.resumeSource === false,
  });
}

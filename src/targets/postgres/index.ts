import { placeText } from '../../core/database-url.js';
import { TrancheError } from '../../core/errors.js';
import { defaultDialect } from '../../formats/csv/dialect.js';
import { sourceFormatting } from '../../formats/file-format.js';
import { connectionSettings, isPostgresUrl, parsePostgresUrl } from '../../postgres/settings.js';
import { demandKept } from '../../postgres/sql.js';
import { serverTableOptions, targetDefaults } from '../options.js';
import { chosenTable } from '../tables/chosen-table.js';
import type { TargetContext, TargetKind } from '../target-kind.js';
import type { PostgresTarget } from './postgres-target.js';

/** `postgres://user@host/db#schema.table`. */
export const postgresTarget: TargetKind = {
  accepts: isPostgresUrl,
  options: () => serverTableOptions,
  create,
};

async function create(
  spec: string,
  { options, sourceFormat, plainCsv }: TargetContext,
): Promise<PostgresTarget> {
  const url = parsePostgresUrl(spec);
  const place = placeText(url, null);
  const table = chosenTable(place, url.table, options.table);
  if (table.name === 'tranche_ledger') {
    throw new TrancheError('usage', `${place}: tranche keeps its ledger in tranche_ledger`, {
      hint: 'choose another table',
    });
  }
  demandKept('the table', [table.schema, table.name], 'choose a shorter one');
  demandKept('the schema', [options.ledgerSchema ?? null], 'choose another one with --ledger-schema');
  const formatting = sourceFormat && sourceFormatting(sourceFormat, options);
  const ofTable = plainCsv ? defaultDialect('csv') : null;
  // Loaded when it is needed: most jobs have no use for it.
  const postgres = await import('./postgres-target.js');
  return new postgres.PostgresTarget({
    place: placeText(url, table),
    connection: connectionSettings(url, options.passwordEnv),
    table,
    mode: options.mode ?? targetDefaults.mode,
    onConflict: options.onConflict ?? targetDefaults.onConflict,
    key: options.key ?? null,
    ledger: options.ledger === false ? false : { schema: options.ledgerSchema ?? null },
    dialect: formatting?.kind === 'csv' ? formatting.dialect : ofTable,
  });
}

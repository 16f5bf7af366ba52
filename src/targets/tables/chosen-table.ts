import { parseTableName, type TableName, tableText } from '../../core/database-url.js';
import { TrancheError } from '../../core/errors.js';

/** The table that `#table` in a URL or `--table` names. Throws `usage` if neither does, or both name different ones. */
export function chosenTable(place: string, inUrl: TableName | null, option: string | undefined): TableName {
  const given = option === undefined ? null : parseTableName(option);
  if (inUrl && given && tableText(inUrl) !== tableText(given)) {
    throw new TrancheError(
      'usage',
      `${place}: two tables are named, ${tableText(inUrl)} and ${tableText(given)}`,
      { hint: 'leave out #table or --table' },
    );
  }
  const table = given ?? inUrl;
  if (table) return table;
  throw new TrancheError('usage', `${place}: no table is named`, {
    hint: `write ${place}#TABLE, or give --table`,
  });
}

import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the SQLite driver is, for modules that stand elsewhere. */
const driver = pathToFileURL(createRequire(import.meta.url).resolve('better-sqlite3')).href;

/** Writes a module into a directory and answers its path. */
export async function moduleIn(directory: string, text: string, name = 'load.mjs'): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

/** Adds each record as a line to `rows.ndjson` beside it. */
export const rowsModule = `
import { appendFileSync } from 'node:fs';
export default async records => {
  const lines = records.map(record => JSON.stringify(record) + '\\n');
  appendFileSync(new URL('rows.ndjson', import.meta.url), lines.join(''));
};
`;

/** Keeps rows and ledger in the SQLite database \`rows.db\` beside it. */
export const ledgerModule = `
import { fileURLToPath } from 'node:url';
import Database from '${driver}';
const database = new Database(fileURLToPath(new URL('rows.db', import.meta.url)));
database.exec('CREATE TABLE IF NOT EXISTS t (id, name); CREATE TABLE IF NOT EXISTS ledger (job PRIMARY KEY, entry)');
const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
const save = database.prepare('REPLACE INTO ledger VALUES (?, ?)');
const find = database.prepare('SELECT entry FROM ledger WHERE job = ?').pluck();
const commit = database.transaction((records, job, entry) => {
  for (const { id, name } of records) insert.run(id, name);
  save.run(job, entry);
});
export default {
  ledger: { recall: job => find.get(job), record: (job, entry) => void save.run(job, entry) },
  open: ({ resumed }) => { if (!resumed) database.exec('DELETE FROM t'); },
  async write(records, context) { commit(records, context.job, await context.entry()); },
};
`;

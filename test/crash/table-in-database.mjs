import { parseDatabaseUrl } from '../../dist/core/database-url.js';

/** A table of PostgreSQL or MySQL that a job writes: where it is, what is in it, and how it goes. */
export async function tableInDatabase(url) {
  const { scheme, table } = parseDatabaseUrl(url);
  if (!table) throw new Error(`${scheme}: name the table: #TABLE`);
  const run = scheme.startsWith('postgres') ? await postgres(url) : await mysql(url);
  return { name: table.name, run };
}

/** The URL of another table of the same schema. */
export function withSuffix(url, suffix) {
  return `${url}_${suffix}`;
}

/** Answers how many rows there are and a sum over all of them, computed inside the database: rows that are lost, doubled or changed show in it, their order does not. */
export async function checksum(url) {
  const { run } = await tableInDatabase(url);
  return await run.checksum();
}

/** Drops the table, and what the ledger says of the job that wrote it. */
export async function forget(url, job) {
  const { run } = await tableInDatabase(url);
  await run.forget(job);
}

async function postgres(url) {
  const { default: pg } = await import('pg');
  const { table } = parseDatabaseUrl(url);
  const names = [table.schema, table.name].filter(part => part !== null);
  const name = names.map(part => `"${part.replaceAll('"', '""')}"`).join('.');
  const ask = async (...statements) => {
    const client = new pg.Client({ connectionString: url.split('#')[0] });
    await client.connect();
    try {
      let answer;
      for (const [text, values] of statements) answer = await client.query(text, values);
      return answer.rows;
    } finally {
      await client.end();
    }
  };
  return {
    checksum: async () =>
      JSON.stringify(
        await ask([`SELECT count(*) AS "rows", sum(hashtextextended(t::text, 0)) AS sum FROM ${name} AS t`]),
      ),
    forget: async job => {
      await ask([`DROP TABLE IF EXISTS ${name}`]);
      await ask(['DELETE FROM tranche_ledger WHERE job = $1', [job]]).catch(() => undefined);
    },
  };
}

async function mysql(url) {
  const { default: driver } = await import('mysql2/promise');
  const { table } = parseDatabaseUrl(url);
  const name = `\`${table.name.replaceAll('`', '``')}\``;
  const ask = async (text, values = []) => {
    const connection = await driver.createConnection(url.split('#')[0]);
    try {
      return (await connection.query(text, values))[0];
    } finally {
      await connection.end();
    }
  };
  return {
    checksum: async () => {
      const columns = await ask(
        'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = database() AND table_name = ? ORDER BY ordinal_position',
        [table.name],
      );
      const texts = columns.map(({ name: column }) => `coalesce(hex(\`${column.replaceAll('`', '``')}\`), '-')`);
      return JSON.stringify(
        await ask(`SELECT count(*) AS n, sum(crc32(concat_ws(',', ${texts.join(', ')}))) AS sum FROM ${name}`),
      );
    },
    forget: async job => {
      await ask(`DROP TABLE IF EXISTS ${name}`);
      await ask('DELETE FROM tranche_ledger WHERE job = ?', [job]).catch(() => undefined);
    },
  };
}

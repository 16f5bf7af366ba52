/**
 * Reads a list as people write it in an option: one line of CSV, so that `id,"last, first"` is two names.
 * Rejects with a `TypeError` that says what is expected.
 */
export async function parseList(text: string): Promise<readonly string[]> {
  const rows = await readRows(text);
  const [names] = rows;
  if (rows.length !== 1 || names === undefined || names.includes('')) {
    throw new TypeError('names with commas between them, such as id,"last, first"');
  }
  return names;
}

/** A list as people would type it: what {@link parseList} reads back. */
export async function listText(names: readonly string[]): Promise<string> {
  const { writeToString } = await import('fast-csv');
  // Without quotes the space around a name is not read back everywhere.
  return await writeToString([[...names]], { quoteColumns: names.some(name => name.trim() !== name) });
}

async function readRows(text: string): Promise<string[][]> {
  const { parseString } = await import('fast-csv');
  return new Promise((resolve, reject) => {
    const rows: string[][] = [];
    parseString(text, { headers: false })
      .on('error', () => reject(new TypeError('names with commas between them, quotes closed')))
      .on('data', (row: string[]) => rows.push(row))
      .on('end', () => resolve(rows));
  });
}

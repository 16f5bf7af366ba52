import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../helpers/http-target.js';
import { tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

test('records that an API refused are sent again, each once; a secret header has to be given again', async () => {
  let mended = false;
  const api = await startServer({
    behaves: ({ records, headers }) => {
      if (headers['x-api-key'] !== 's3cret')
        return { does: 'answer', with: { status: 401 }, applies: () => false };
      const refused = !mended && Number(records[0]!['id']) % 5 === 0;
      return refused ? { does: 'answer', with: { status: 422 }, applies: () => false } : undefined;
    },
  });
  const cwd = await temporaryDirectory();
  const ids = Array.from({ length: 50 }, (_, i) => i + 1);
  await writeFile(join(cwd, 'in.csv'), `id\n${ids.join('\n')}\n`);
  const url = `${api.url}/items`;
  const how = ['--per-record', '-j', '4', '--batch-size', '3', '-H', 'X-Api-Key: s3cret'];
  const copied = await tranche(['copy', 'in.csv', url, '--job', 'j', '--max-errors', '100%', ...how], {
    cwd,
  });
  assert.equal(copied.code, 3, copied.stderr);
  mended = true;
  assert.match((await tranche(['rejects', 'j'], { cwd })).stdout, /^refused +10 +0$/m);
  const without = await tranche(['retry-rejects', 'j'], { cwd });
  assert.equal(without.code, 2);
  assert.match(
    without.stderr,
    /^tranche: the job was run with -H 'X-Api-Key: \*\*\*', and no secret is kept$/m,
  );
  const stopped = [
    'retry-rejects',
    'j',
    '-H',
    'X-Api-Key: s3cret',
    '--batch-size',
    '2',
    '--max-batches',
    '2',
  ];
  assert.equal((await tranche(stopped, { cwd })).code, 75);
  const again = await tranche(stopped.slice(0, 4), { cwd });
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(
    [...api.applied.values()],
    ids.map(() => 1),
  );
  assert.doesNotMatch(contentIn(cwd), /s3cret/);
});

/** Everything that is in the files of a directory. */
function contentIn(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

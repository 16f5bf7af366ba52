import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { demandUsed, unusedOptions } from '#tranche/plan/unused-options.js';
import { optionsOf } from '../helpers/plan.js';
import { tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let cwd: string;
before(async () => {
  cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id\n1\n2\n');
});

const postgres = 'postgres://me:secret@127.0.0.1/shop#orders';

const refused: readonly (readonly [source: string, target: string, flag: string, about: string])[] = [
  ['in.csv', 'out.ndjson', '--mode truncate', 'tables as target'],
  ['in.csv', 'out.ndjson', '--table people', 'tables as target'],
  ['in.csv', 'out.ndjson', '--key id', 'tables'],
  ['in.csv', 'none:', '--key id', 'tables'],
  ['in.csv', 'out.ndjson', '--no-ledger', 'PostgreSQL and MySQL as target'],
  ['in.csv', 'sqlite:out.db#people', '--no-ledger', 'PostgreSQL and MySQL as target'],
  ['in.csv', 'sqlite:out.db#people', '--append', 'files as target'],
  ['in.csv', '-', '--overwrite', 'files as target'],
  ['in.csv', postgres, '--to-format csv', 'files as target'],
  ['in.csv', 'out.ndjson', '--escape-formulas', 'CSV as target'],
  ['in.csv', 'out.ndjson', '--password-env SECRET', 'database servers'],
  ['in.csv', 'out.ndjson', '--query SELECT', 'tables as source'],
  ['in.csv', 'out.ndjson', '--no-resume-source', 'tables as source'],
  ['in.ndjson', 'out.ndjson.gz', '--delimiter ;', 'CSV'],
  ['in.ndjson', 'out.ndjson', '--no-header', 'CSV'],
  ['logs/*.jsonl', 'out.ndjson', '--null NULL', 'CSV'],
  ['in.txt', 'out.txt', '--quote none --format ndjson --to-format ndjson', 'CSV'],
  ['sqlite:in.db#people', 'out.ndjson', '--encoding latin1', 'files as source'],
  [postgres, 'out.csv', '--columns a,b', 'files as source'],
  ['in.csv', 'out.ndjson', '--concurrency 4', 'APIs, modules and commands as target'],
  ['in.csv', postgres, '--concurrency 4', 'APIs, modules and commands as target'],
  ['in.csv', 'out.ndjson', '--adaptive', 'APIs, modules and commands as target, with -j N'],
  ['in.csv', 'http://127.0.0.1/', '--adaptive', 'APIs, modules and commands as target, with -j N'],
  ['in.csv', 'exec:cat', '--adaptive --concurrency 1', 'APIs, modules and commands as target, with -j N'],
  ['in.csv', 'none:', '--break-after 3', 'databases, APIs, modules and commands as target'],
  ['in.csv', 'out.ndjson', '--break-for 3s', 'databases, APIs, modules and commands as target'],
];

for (const [source, target, flags, about] of refused) {
  test(`${flags} from ${source} to ${target} is refused`, async () => {
    const plan = { ...(await optionsOf(flags.split(' '))), source, target };
    assert.throws(
      () => demandUsed(plan),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'usage');
        assert.ok(
          error.message.startsWith(`${flags.split(' ')[0]} is for ${about}, and this job copies `),
          error.message,
        );
        assert.ok(!error.message.includes('secret'));
        return true;
      },
    );
  });
}

const used: readonly (readonly [source: string, target: string, flags: string])[] = [
  [
    'in.csv',
    'out.ndjson',
    '--delimiter ; --quote none --no-header --null x --columns a --encoding latin1 --overwrite',
  ],
  [
    'in.ndjson',
    'out.csv',
    '--delimiter ; --quote none --no-header --null x --columns a --escape-formulas --append',
  ],
  ['in.ndjson', '-', '--delimiter ; --to-format csv'],
  ['directory', 'out.ndjson', '--delimiter ;'],
  ['-', 'out.ndjson', '--format csv --delimiter ;'],
  [postgres, 'out.csv', '--null x --delimiter ; --from-table t --key id --password-env SECRET'],
  ['in.csv', postgres, '--null x --mode replace --table t --key id --on-conflict ignore --ledger-schema s'],
  ['sqlite:in.db', 'out.ndjson', '--query SELECT --key id'],
  ['in.csv', 'load.mjs', '--concurrency 4 --adaptive --break-after 3 --break-for 3s'],
  ['in.csv', 'sqlite:out.db#people', '--concurrency 1 --break-after 3 --break-for 3s'],
  ['in.csv', 'out.ndjson', '--select a --rename a=b --types text --skip 3 --retries 2 --rate 5/s'],
];

for (const [source, target, flags] of used) {
  test(`${flags} from ${source} to ${target} mean something`, async () => {
    assert.deepEqual(unusedOptions({ ...(await optionsOf(flags.split(' '))), source, target }), []);
  });
}

test('what is so by default is no option', () => {
  const plan = { overwrite: false, header: true, mode: 'append', key: undefined } as const;
  assert.deepEqual(unusedOptions({ ...plan, source: 'in.ndjson', target: 'out.ndjson' }), []);
});

test('a flag that does nothing is exit 2, and nothing is left', async () => {
  const { code, stderr } = await tranche(['copy', 'in.csv', 'out.ndjson', '--mode', 'truncate'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /--mode is for tables as target, and this job copies in\.csv to out\.ndjson/);
  assert.ok(!existsSync(join(cwd, '.tranche')));
});

test('a variable is for all jobs: those that have no use for it do not mind', async () => {
  const env = {
    TRANCHE_MODE: 'truncate',
    TRANCHE_OVERWRITE: '1',
    TRANCHE_CONCURRENCY: '4',
    TRANCHE_ADAPTIVE: '1',
  };
  const file = await tranche(['copy', 'in.csv', 'out.ndjson'], { cwd, env });
  assert.equal(file.code, 0, file.stderr);
  // Nor does the checkpoint remember it.
  const later = await tranche(['copy', 'in.csv', 'out.ndjson', '--resume'], { cwd });
  assert.equal(later.code, 0, later.stderr);
  const table = await tranche(['copy', 'in.csv', 'sqlite:out.db#people'], { cwd, env });
  assert.equal(table.code, 0, table.stderr);
});

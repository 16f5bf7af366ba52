import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { copy } from '#tranche/copy.js';
import type { Summary } from '#tranche/core/events.js';
import { optionsOf } from '../helpers/plan.js';
import { temporaryDirectory } from '../helpers/temporary.js';

/** A file that is easily read wrong, and what is right. */
interface Awkward {
  readonly file: string;
  readonly what: string;
  readonly options?: readonly string[];
  readonly to?: 'ndjson' | 'csv';
  /** Lines of the output, byte for byte. */
  readonly lines?: readonly string[];
  /** Records of the output, where the order and the writing of keys do not matter. */
  readonly records?: readonly unknown[];
  readonly rejects: readonly { readonly line: number; readonly offset: number; readonly reason: string }[];
}

const fixtures = 'fixtures';
const cases = JSON.parse(readFileSync(join(fixtures, 'awkward.json'), 'utf8')) as readonly Awkward[];

for (const one of cases) {
  const { file, what, to = 'ndjson', options = [] } = one;
  for (const batchSize of [10_000, 1]) {
    test(`${file} to ${to}${batchSize === 1 ? ', a record a batch' : ''}: ${what}`, async () => {
      const { output, rejects, summary } = await copied(file, to, options, batchSize);
      if (one.lines) assert.equal(output, one.lines.map(line => `${line}\n`).join(''));
      if (one.records) assert.deepEqual(linesOf(output).map(parsed), one.records);
      const found = rejects.map(({ line, offset, reason }) => ({ line, offset, reason }));
      assert.deepEqual(found, one.rejects);
      assert.equal(summary.status, 'finished');
      assert.equal(summary.counts.rejected, one.rejects.length);
      for (const reject of rejects) checkRaw(file, options, reject);
    });
  }
}

test('every awkward file is in the list', async () => {
  const listed = new Set(cases.map(({ file }) => file));
  const others = ['.gitattributes', 'README.md', 'awkward.json', 'flights-20k.csv'];
  const there = (await readdir(fixtures)).filter(name => !others.includes(name));
  assert.deepEqual(
    there.filter(name => !listed.has(name)),
    [],
  );
});

interface RejectLine {
  readonly file: string;
  readonly line: number;
  readonly offset: number;
  readonly reason: string;
  readonly raw: string;
  readonly encoding?: string;
  readonly length?: number;
}

async function copied(file: string, to: string, flags: readonly string[], batchSize: number) {
  const directory = await temporaryDirectory();
  const target = join(directory, `out.${to}`);
  const rejectsFile = join(directory, 'rejects.ndjson');
  const summary: Summary = await copy({
    ...(await optionsOf(flags)),
    batchSize,
    source: join(fixtures, file),
    target,
    maxErrors: { percent: 100 },
    rejects: rejectsFile,
    stateDir: join(directory, 'state'),
  });
  const rejects = existsSync(rejectsFile) ? linesOf(readFileSync(rejectsFile, 'utf8')).map(parsed) : [];
  return { output: readFileSync(target, 'utf8'), rejects: rejects as RejectLine[], summary };
}

/** The raw record is what stands in the file at the offset. */
function checkRaw(file: string, flags: readonly string[], { offset, raw, encoding }: RejectLine): void {
  if (file.endsWith('.gz') || flags.includes('--encoding')) return;
  const bytes = Buffer.from(raw, encoding === 'base64' ? 'base64' : 'utf8');
  const there = readFileSync(join(fixtures, file)).subarray(offset, offset + bytes.length);
  assert.deepEqual(bytes, there);
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

function parsed(line: string): unknown {
  return JSON.parse(line);
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { defaultDialect } from '#tranche/formats/csv/dialect.js';
import { ScanKernel, scanKernel } from '#tranche/formats/csv/scan-kernel.js';
import { CsvScanner } from '#tranche/formats/csv/scanner.js';
import { RecordTable } from '#tranche/formats/table.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const dialect = defaultDialect('csv');

test('there is a kernel on this machine', () => {
  assert.ok(scanKernel());
});

test('it reads what fits its memory, and leaves the rest to the byte reader', () => {
  const fast = scanKernel()!;
  assert.equal(fast.reads(dialect, Buffer.alloc(0), 1), true);
  assert.equal(fast.reads(dialect, Buffer.alloc(1024), 65_536), true);
  assert.equal(fast.reads(dialect, Buffer.alloc(1025), 1), false);
  assert.equal(fast.reads(dialect, Buffer.alloc(0), 65_537), false);
  assert.equal(fast.reads({ ...dialect, delimiter: Buffer.from('::') }, Buffer.alloc(0), 1), false);
});

test('a chunk of nothing but delimiters and line endings finds its cells', () => {
  const bytes = Buffer.from(',\n'.repeat(100_000));
  const table = new RecordTable(2, 200_000);
  table.clear(1e9, 1e9);
  new CsvScanner(dialect, 2).scan(bytes, 0, bytes.length, true, table);
  assert.equal(table.count, 100_000);
  assert.deepEqual([...table.recordStarts.subarray(99_998, 100_000)], [199_996, 199_998]);
});

test('a record as wide as its memory, and one wider', () => {
  for (const width of [65_536, 65_537]) {
    const bytes = Buffer.from(`${'x,'.repeat(width - 1)}x\n`.repeat(3));
    const table = new RecordTable(width, 1);
    table.clear(1e9, 1e9);
    new CsvScanner(dialect, width).scan(bytes, 0, bytes.length, true, table);
    assert.equal(table.count, 3);
    assert.equal(table.starts[3 * width - 1], bytes.length - 2);
  }
});

test('bytes are copied into its memory once, however many records it leaves to the byte reader', () => {
  const bytes = Buffer.from('a,b\n\n'.repeat(20_000));
  const kernelOfTest = new ScanKernel();
  let loaded = 0;
  const set = Uint8Array.prototype.set;
  try {
    Uint8Array.prototype.set = function count(from, offset) {
      loaded += from.length;
      set.call(this, from, offset);
    };
    const table = new RecordTable(2, 20_000);
    table.clear(1e9, 1e9);
    new CsvScanner(dialect, 2, kernelOfTest).scan(bytes, 0, bytes.length, true, table);
    assert.equal(table.count, 20_000);
    assert.equal(table.blankLines, 20_000);
  } finally {
    Uint8Array.prototype.set = set;
  }
  assert.ok(loaded < 2 * bytes.length, `${loaded} of ${bytes.length} bytes`);
});

test('where there is no WebAssembly, the program reads CSV all the same', () => {
  const argv = [
    'bin/tranche.js',
    'copy',
    'fixtures/flights-20k.csv',
    '-',
    '--to-format',
    'ndjson',
    '--no-checkpoint',
  ];
  const run = (...flags: string[]) => {
    const options = { cwd: root, maxBuffer: 2 ** 24 };
    const { status, stdout } = spawnSync(process.execPath, [...flags, ...argv], options);
    assert.equal(status, 0);
    return stdout;
  };
  assert.ok(run('--jitless').equals(run()));
});

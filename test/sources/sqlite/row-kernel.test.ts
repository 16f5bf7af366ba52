import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CellKind, END_MASK, KIND_SHIFT } from '#tranche/core/records.js';
import { RowKernel } from '#tranche/sources/sqlite/row-kernel.js';

const whole = new RowKernel();

/** The values of rows, read from the bounds that a kernel found; null if it found none. */
function read(kernel: RowKernel, text: string, width: number): unknown[][] | null {
  const bytes = Buffer.from(`??${text}`);
  const count = text.split('\n').length;
  const [starts, ends] = [new Uint32Array((count + 1) * width), new Uint32Array((count + 1) * width)];
  const [recordStarts, recordEnds] = [new Uint32Array(count + 1), new Uint32Array(count + 1)];
  // Behind one row that is there already.
  const into = { starts, ends, recordStarts, recordEnds };
  const found = kernel.scan(bytes, 2, bytes.length, width, 1, into);
  if (found < 0) return null;
  assert.equal(found, count);
  return Array.from({ length: count }, (_, row) => {
    assert.equal(bytes.toString('utf8', recordStarts[row + 1], recordEnds[row + 1]), text.split('\n')[row]);
    return Array.from({ length: width }, (_, column) => {
      const cell = (row + 1) * width + column;
      const kind = ends[cell]! >>> KIND_SHIFT;
      if (kind === CellKind.null) return null;
      const content = bytes.toString('utf8', starts[cell], ends[cell]! & END_MASK);
      assert.equal(kind === CellKind.escaped, kind !== CellKind.number && content.includes('\\'));
      return JSON.parse(kind === CellKind.number ? content : `"${content}"`);
    });
  });
}

test('any rows of texts, integers and nulls', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom('"', '\\', ',', ']', '[', '\n', 'n', '1') }),
  );
  const value = fc.option(fc.oneof(fc.integer(), text));
  const rows = fc
    .integer({ min: 1, max: 5 })
    .chain(width =>
      fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
    );
  fc.assert(
    fc.property(rows, values => {
      const lines = values.map(row => JSON.stringify(row));
      const longest = Math.max(...lines.map(line => Buffer.byteLength(line)));
      // Chunks into which one row fits, and no more or a little more.
      for (const kernel of [whole, new RowKernel(longest), new RowKernel(longest + 20)]) {
        assert.deepEqual(read(kernel, lines.join('\n'), values[0]!.length), values);
      }
    }),
    { numRuns: 300 },
  );
});

test('what is no integer, text or null is left to others, wherever it stands', () => {
  for (const value of ['1.5', '1e3', '-0.1', '9e999', '[1]', '{"a":1}', 'true', '1.0']) {
    assert.equal(read(whole, `[1,"a"]\n[${value},"b"]\n[2,"c"]`, 2), null, value);
    assert.equal(read(whole, `[1,"a"]\n[3,${value}]`, 2), null, value);
  }
});

test('a row that is longer than a chunk is left to others', () => {
  assert.equal(read(new RowKernel(8), '["0123456789"]', 1), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowPage } from '#tranche/sources/mysql/row-page.js';

const WHOLE = 0xffffff;
const ended = Buffer.from([5, 0, 0, 0, 0xfe, 0, 0, 2, 0]);

/** A row as the protocol has it: in several packets if it is long. */
function packets(...cells: readonly (string | null)[]): Buffer {
  const row = Buffer.concat(
    cells.map(cell => (cell === null ? Buffer.from([0xfb]) : sized(Buffer.from(cell)))),
  );
  const parts: Buffer[] = [];
  for (let at = 0; at <= row.length; at += WHOLE) {
    const part = row.subarray(at, at + WHOLE);
    const header = Buffer.alloc(4);
    header.writeUIntLE(part.length, 0, 3);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}

function sized(text: Buffer): Buffer {
  const head = Buffer.alloc(9);
  if (text.length < 0xfb) return Buffer.concat([Buffer.from([text.length]), text]);
  head[0] = text.length < 0x10000 ? 0xfc : text.length < 0x1000000 ? 0xfd : 0xfe;
  head.writeUIntLE(text.length, 1, 6);
  const size = { 252: 3, 253: 4, 254: 9 }[head[0]]!;
  return Buffer.concat([head.subarray(0, size), text]);
}

/** The rows that come out when the answer comes in pieces of `size` bytes and pages have `records` rows. */
function read(answer: Buffer, size: number, records: number): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let page = new RowPage([true, false]);
  for (let at = 0; at < answer.length; at += size) {
    let bytes = answer.subarray(at, at + size);
    for (;;) {
      const state = page.take(bytes, { records, bytes: 1 << 28 });
      if (state === 'more') break;
      for (let row = 0; row < page.count; row++) rows.push([page.value(row, 0), page.value(row, 1)]);
      bytes = Buffer.from(page.rest);
      page = new RowPage([true, false]);
      if (state === 'full') continue;
      assert.deepEqual(bytes, ended);
      return rows;
    }
  }
  throw new Error('the answer has no end');
}

test('rows are found wherever the bytes are cut', () => {
  const rows = [
    ['', '1'],
    [null, null],
    ['x'.repeat(250), '-2'],
    ['y'.repeat(251), '3'],
    ['z'.repeat(70_000), ''],
    ['\u00fe', null],
  ];
  const answer = Buffer.concat([...rows.map(row => packets(...row)), ended]);
  for (const size of [1, 2, 3, 5, 64, 1000, answer.length]) {
    for (const records of [1, 2, 6, 100]) assert.deepEqual(read(answer, size, records), rows, `${size}`);
  }
});

test('a row of several packets is one row, also where it fills them', () => {
  for (const length of [WHOLE - 20, WHOLE - 9, WHOLE - 8, WHOLE, 2 * WHOLE - 10, 2 * WHOLE + 5]) {
    const rows = [
      ['a', '1'],
      ['x'.repeat(length), '12'],
      ['b', '3'],
    ];
    const answer = Buffer.concat([...rows.map(row => packets(...row)), ended]);
    for (const size of [1 << 16, 3_333_333, answer.length])
      assert.deepEqual(read(answer, size, 2), rows, `${length}`);
  }
});

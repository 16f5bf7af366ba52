import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tranche } from '../helpers/program.js';
import { Workplace } from '../helpers/workplace.js';

const place = await Workplace.make();
const cwd = place.directory;
await place.write('in.csv', 'a,b\n1,x\n');

for (const [name, content] of [
  ['other.csv', Buffer.from('z,y\n9,9\n')],
  ['order.csv', Buffer.from('b,a\n9,9\n')],
  ['more.tsv', Buffer.from('a\tb\tc\n')],
  ['other.csv.gz', gzipSync('z,y\n9,9\n')],
  ['long.csv', Buffer.from(`${'x'.repeat(100_000)},b\n`)],
] as const) {
  test(`--append put records under the header of ${name}, which has other columns`, async () => {
    await place.write(name, content);
    const { code, stderr } = await tranche(['copy', 'in.csv', name, '--append', '-q'], { cwd });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /its header is .*, and that of the records "a", "b"/);
    assert.deepEqual(place.bytes(name), content);
  });
}

for (const [name, content, flags] of [
  ['same.csv', 'a,b\n9,9\n', []],
  ['quoted.csv', '\uFEFF"a","b"\r\n9,9\r\n', []],
  ['bare.csv', '9,9\n', ['--no-header']],
  ['empty.csv', '', []],
] as const) {
  test(`--append still takes ${name}`, async () => {
    await place.write(name, content);
    const { code, stderr } = await tranche(['copy', 'in.csv', name, '--append', '-q', ...flags], { cwd });
    assert.equal(code, 0, stderr);
    assert.ok(place.read(name)!.startsWith(content));
    assert.ok(place.read(name)!.endsWith('1,x\n'));
  });
}

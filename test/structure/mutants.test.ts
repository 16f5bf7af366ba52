import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);

test('every mutant of the list fits the program as it is', async () => {
  const { mutants } = (await import(new URL('test/mutants/list.mjs', root).href)) as {
    readonly mutants: readonly { readonly name: string; readonly file: string; readonly from: string }[];
  };
  assert.ok(mutants.length > 50);
  for (const { name, file, from } of mutants) {
    const text = await readFile(new URL(`dist/${file}`, root), 'utf8');
    assert.equal(text.split(from).length - 1, 1, `${name}: how often ${file} has what it takes away`);
  }
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const made: string[] = [];

// Here and not in the function: inside a hook, `after` would mean the end of that hook.
after(async () => {
  for (const path of made) await rm(path, { recursive: true, force: true });
});

/** A new directory that is removed after the tests of the file that asked for it. */
export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tranche-'));
  made.push(path);
  return path;
}

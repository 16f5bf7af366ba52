import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../crash/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

/** Seconds after which ext4 would make things durable of its own accord: longer than any test. */
const COMMIT_INTERVAL = 600;

/** An ext4 file system in a file, mounted. */
export interface Mounted {
  readonly image: string;
  readonly directory: string;
  unmount(): Promise<void>;
}

/** Why no image can be mounted here; false if one can. Needs root and a loop device. */
export async function mountMissing(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'only root may mount a file system';
  const root = await temporaryDirectory();
  try {
    const image = await makeImage(join(root, 'image'));
    await (await mount(image, join(root, 'mounted'))).unmount();
    return false;
  } catch (error) {
    return `no file system can be mounted here: ${error instanceof Error ? error.message : error}`;
  }
}

/** Makes an empty file system. */
export async function makeImage(image: string): Promise<string> {
  await command('truncate', '-s', '32M', image);
  await command('mkfs.ext4', '-q', '-F', image);
  return image;
}

export async function mount(image: string, directory: string): Promise<Mounted> {
  await mkdir(directory, { recursive: true });
  await command('mount', '-o', `loop,commit=${COMMIT_INTERVAL}`, image, directory);
  const unmount = async () => {
    await command('umount', directory);
    await rm(image);
  };
  return { image, directory, unmount };
}

/**
 * What the disk has at this moment. The image holds what the file system handed to its device; what waits in memory is not in it, as if
 * the power went.
 */
export async function cutPower(image: string, copy: string): Promise<string> {
  await command('cp', '--sparse=always', image, copy);
  return copy;
}

/** Makes everything durable that is in the file system. */
export async function settle({ directory }: Mounted): Promise<void> {
  await command('sync', '-f', directory);
}

async function command(name: string, ...words: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand(name, words);
  assert.equal(code, 0, `${name}: ${stderr}`);
}

import fs from 'node:fs';
import { mock } from 'node:test';

/** Replaces the fsync of directories, and of files that are replaced as a whole, by `work`. Ends with `mock.restore()` of what it answers. */
export function mockFsync(work: (descriptor: number) => Promise<void>) {
  return mock.method(fs, 'fsync', (descriptor: number, done: (error?: unknown) => void) => {
    work(descriptor).then(() => done(), done);
  });
}

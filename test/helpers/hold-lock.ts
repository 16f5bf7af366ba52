// Takes the lock of the job in the directory given, says so, and holds it until its stdin ends.
import { hostname } from 'node:os';
import { TrancheError } from '#tranche/core/errors.js';
import { acquireLock } from '#tranche/state/lock.js';

const directory = process.argv[2]!;
try {
  const lock = await acquireLock(directory, { job: 'nightly', pid: process.pid, host: hostname() });
  process.stdout.write('held\n');
  for await (const _ of process.stdin);
  await lock.release();
} catch (error) {
  process.stdout.write(`${error instanceof TrancheError ? error.code : String(error)}\n`);
}

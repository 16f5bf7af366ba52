import { readVersion } from './version.js';

/** Milliseconds that what is still open after the end may take to close by itself. */
const LINGER = 1000;

// Nothing heavy is imported before it is known to be needed: how fast this answers is measured.
const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.on('error', () => {
    process.exitCode = 1;
  });
  process.stdout.write(`${readVersion()}\n`);
} else {
  const { run } = await import('./run.js');
  process.exitCode = await run(words);
  // A module of somebody's own may have left connections open: all is done, and nobody waits for them.
  setTimeout(() => process.exit(), LINGER).unref();
}

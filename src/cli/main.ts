import { readVersion } from './version.js';

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
}

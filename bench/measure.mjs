import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { places } from './places.mjs';

const timeProgram = '/usr/bin/time';
const hasGnuTime = spawnSync(timeProgram, ['-f', '%M', 'true']).status === 0;

/** Variables of ours would change what is measured. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('TRANCHE_') && !name.startsWith('npm_')),
);

/**
 * Runs a command as a whole process. Answers seconds of wall time, peak RSS in bytes and seconds of CPU (null without
 * GNU time), and throws with the end of its stderr unless it exits with one of `exits`.
 */
export async function measure({ command, stdout, exits = [0] }) {
  fs.mkdirSync(places.outputs, { recursive: true });
  const report = path.join(places.outputs, 'time.txt');
  const [file, ...words] = hasGnuTime
    ? [timeProgram, '-q', '-o', report, '-f', '%M %U %S', ...command]
    : command;
  const output = stdout === undefined ? 'ignore' : fs.openSync(stdout, 'w');
  const started = process.hrtime.bigint();
  const child = spawn(file, words, { stdio: ['ignore', output, 'pipe'], env: environment });
  const { code, stderr } = await finish(child);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (output !== 'ignore') fs.closeSync(output);
  if (!exits.includes(code)) throw new Error(`${command.join(' ')}: exit ${code}\n${stderr.slice(-2000)}`);
  return { seconds, ...(hasGnuTime ? usage(report) : { rss: null, cpu: null }) };
}

function finish(child) {
  return new Promise((resolve, reject) => {
    let stderr = '';
    child.stderr.on('data', data => {
      stderr = (stderr + data).slice(-10_000);
    });
    child.once('error', reject);
    child.once('close', code => resolve({ code, stderr }));
  });
}

function usage(report) {
  const [kibibytes, user, system] = fs.readFileSync(report, 'utf8').trim().split(' ').map(Number);
  return { rss: kibibytes * 1024, cpu: user + system };
}

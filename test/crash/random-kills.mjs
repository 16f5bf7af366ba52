// Kills a job with `kill -9` at random moments, resumes it each time, and compares the result with that of an uninterrupted run.
//
//   node test/crash/random-kills.mjs SOURCE TARGET KILLS [options of tranche copy …]
//
//   SOURCE   a file; read where it is
//   TARGET   a file name or sqlite:NAME#table, without a directory: everything is written into a temporary one (under TMPDIR) and removed;
//            or postgres://…#table, mysql://…#table: tables of this name with a suffix are made in the database and dropped
//   KILLS    how often to kill; when a job ends before, another one is begun until there were as many
//
// Exit code 0: every result was the same, to the byte (files) row by row in order (SQLite), or by a sum over all rows that the
// server computes, with the same rejects and counts. 1: it was not.
// The program is the one of this project: build it first.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checksum, forget, withSuffix } from './table-in-database.mjs';

const program = fileURLToPath(new URL('../../bin/tranche.js', import.meta.url));

const [source, target, wanted, ...options] = process.argv.slice(2);
const kills = Number(wanted);
const isServer = /^(postgres|postgresql|mysql|mariadb):/.test(target ?? '');
if (!source || !target || !Number.isSafeInteger(kills) || kills < 1) {
  process.stderr.write('usage: node test/crash/random-kills.mjs SOURCE TARGET KILLS [options of tranche copy …]\n');
  process.exit(2);
}

const root = await mkdtemp(join(tmpdir(), 'tranche-kills-'));
try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  await rm(root, { recursive: true, force: true });
}

async function main() {
  const whole = join(root, 'uninterrupted');
  await mkdir(whole);
  const began = performance.now();
  const run = start(whole);
  await firstCheckpoint(whole, run.ended);
  const startUp = performance.now() - began;
  const { code, stderr } = await run.ended;
  const work = performance.now() - began - startUp;
  if (code !== 0 && code !== 3) throw new Error(`the uninterrupted run ended with ${code}\n${stderr}`);
  const expected = await resultIn(whole);
  print(`uninterrupted: ${((startUp + work) / 1000).toFixed(2)} s, exit ${code}, ${JSON.stringify(expected.counts)}`);

  // Most kills hit a run at work, so that together they come to about the end of the job; some hit one that only starts.
  const share = (2 * work) / (kills + 1);
  const moment = async (directory, ended) => {
    if (Math.random() < 0.15) return await sleep(startUp * Math.random());
    await firstCheckpoint(directory, ended);
    await sleep(share * Math.random());
  };
  let done = 0;
  for (let job = 1; done < kills; job++) {
    const directory = join(root, `job-${job}`);
    await mkdir(directory);
    const at = await killUntilDone(directory, moment, kills - done);
    done += at.length;
    const result = await resultIn(directory);
    const same = JSON.stringify(result) === JSON.stringify(expected);
    print(`job ${job}: killed ${at.length} times, at ${at.join(', ')} records; ${same ? 'the same result' : 'ANOTHER RESULT'}`);
    if (!same) {
      print(`expected ${JSON.stringify(expected)}\nfound    ${JSON.stringify(result)}`);
      return false;
    }
    await rm(directory, { recursive: true });
    await forgetTable(directory);
  }
  await forgetTable(whole);
  print(`${done} kills: every result is that of the uninterrupted run`);
  return true;
}

/** Answers how many records the checkpoint knew after each kill. */
async function killUntilDone(directory, moment, most) {
  const at = [];
  for (;;) {
    const { child, ended } = start(directory, '--resume');
    if (at.length < most) {
      await moment(directory, ended);
      child.kill('SIGKILL');
    }
    const { code, signal, stderr } = await ended;
    if (signal === 'SIGKILL') at.push(await recordsIn(directory));
    else if (code === 0 || code === 3) return at;
    else throw new Error(`a resumed run ended with ${code ?? signal}\n${stderr}`);
  }
}

/** Waits until the run that was just started has saved its first checkpoint, or has ended. */
async function firstCheckpoint(directory, ended) {
  const path = join(directory, 'state', jobIn(directory), 'checkpoint.json');
  const inode = () => stat(path).then(({ ino, mtimeMs }) => `${ino} ${mtimeMs}`, () => '');
  const before = await inode();
  let over = false;
  ended.then(() => {
    over = true;
  });
  while (!over && (await inode()) === before) await sleep(2);
}

function start(directory, ...more) {
  const words = ['copy', resolve(source), targetIn(directory), '--state-dir', 'state', '--job', jobIn(directory)];
  const child = spawn(process.execPath, [program, ...words, ...options, ...more], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stderr }));
  });
  return { child, ended };
}

/** Named after the directory: jobs in a server are told apart by their names. */
function jobIn(directory) {
  return isServer ? `kills-${process.pid}-${basename(directory)}` : 'job';
}

function targetIn(directory) {
  return isServer ? withSuffix(target, `${process.pid}_${basename(directory)}`) : target;
}

async function forgetTable(directory) {
  if (isServer) await forget(targetIn(directory), jobIn(directory));
}

async function recordsIn(directory) {
  const checkpoint = await readFile(join(directory, 'state', jobIn(directory), 'checkpoint.json'), 'utf8').catch(() => null);
  return checkpoint === null ? 0 : JSON.parse(checkpoint).counts.read;
}

async function resultIn(directory) {
  const { status, counts } = JSON.parse(await readFile(join(directory, 'state', jobIn(directory), 'checkpoint.json'), 'utf8'));
  const rejects = await readFile(join(directory, 'state', jobIn(directory), 'rejects.ndjson'), 'utf8').catch(() => '');
  const lines = rejects.split('\n').filter(line => line !== '');
  const known = lines.map(line => ({ ...JSON.parse(line), time: null }));
  return { status, counts, rejects: hash(JSON.stringify(known)), target: await targetHash(directory) };
}

async function targetHash(directory) {
  if (isServer) return await checksum(targetIn(directory));
  const database = /^sqlite:(.*)#(.*)$/.exec(target);
  const digest = createHash('sha256');
  if (!database) {
    for await (const piece of createReadStream(join(directory, target))) digest.update(piece);
    return digest.digest('hex');
  }
  const { default: Database } = await import('better-sqlite3');
  const connection = new Database(join(directory, database[1]), { fileMustExist: true });
  try {
    const table = `"${database[2].replaceAll('"', '""')}"`;
    for (const row of connection.prepare(`SELECT * FROM ${table} ORDER BY rowid`).raw().iterate()) {
      digest.update(`${JSON.stringify(row)}\n`);
    }
    return digest.digest('hex');
  } finally {
    connection.close();
  }
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex');
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

// Takes one precaution after the other out of the program and demands that a test notices.
//
//   node test/mutants/mutants.mjs [words of a mutant's name …]
//
// Works on a copy of the project that was built before (npm run build:test). Prints a table; exit code 1 if a mutant survives or no longer applies.

import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutants } from './list.mjs';

/** Milliseconds after which a test file counts as failed: a mutant may wait for ever. */
const TIMEOUT = 180_000;

/** A test that failed, in the words of TAP: the first is the innermost. */
const FAILED = /^ *not ok \d+ - (.*)\n/m;

const project = fileURLToPath(new URL('../..', import.meta.url));
const words = process.argv.slice(2);
const chosen = mutants.filter(({ name }) => words.every(word => name.includes(word)));
const root = await mkdtemp(join(tmpdir(), 'tranche-mutants-'));
try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  await rm(root, { recursive: true, force: true });
}

async function main() {
  const copies = await Promise.all(
    // More than there are processors: the tests wait half of the time.
    Array.from({ length: Math.min(2 * availableParallelism(), chosen.length) }, (_, i) => copyProject(join(root, `${i}`))),
  );
  await demandPassing(copies, [...new Set(chosen.flatMap(({ tests }) => tests))]);
  const waiting = [...chosen];
  const verdicts = [];
  await Promise.all(
    copies.map(async copy => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const verdict = await judge(copy, mutant);
        verdicts.push(verdict);
        print(`${verdict.ok ? 'caught  ' : 'SURVIVED'}  ${mutant.name.padEnd(64)}  ${verdict.by}`);
      }
    }),
  );
  const survivors = verdicts.filter(({ ok }) => !ok);
  print(`${verdicts.length - survivors.length} of ${verdicts.length} mutants were caught`);
  // As a test runner says it, for whoever adds up.
  print(`# pass ${verdicts.length - survivors.length}\n# fail ${survivors.length}`);
  return survivors.length === 0;
}

/** A test that fails anyway would catch every mutant. */
async function demandPassing(copies, tests) {
  await Promise.all(
    copies.map(async copy => {
      for (let test = tests.shift(); test; test = tests.shift()) {
        const { failed, output } = await runTest(copy, test);
        if (failed) throw new Error(`${test} fails without any mutant: ${firstFailure(output)}`);
      }
    }),
  );
}

/** Sources compiled, but not bundled: so that each module is a file that can be changed. */
async function copyProject(copy) {
  await mkdir(join(copy, 'tmp'), { recursive: true });
  for (const name of ['src', 'bin', 'fixtures', 'package.json', 'tsconfig.json', 'build', 'dist/kernels']) {
    await cp(join(project, name), join(copy, name), { recursive: true });
  }
  await symlink(join(project, 'node_modules'), join(copy, 'node_modules'));
  const { failed, output } = await run(copy, ['node_modules/typescript/bin/tsc', '-p', '.']);
  if (failed) throw new Error(`cannot build the copy\n${output}`);
  return copy;
}

async function judge(copy, { file, from, to, tests }) {
  const path = join(copy, 'dist', file);
  const text = await readFile(path, 'utf8');
  const parts = text.split(from);
  if (parts.length !== 2) return { ok: false, by: `does not apply: found ${parts.length - 1} times in ${file}` };
  await writeFile(path, parts.join(to));
  try {
    for (const test of tests) {
      const { failed, output } = await runTest(copy, test);
      if (failed) return { ok: true, by: `${test}: ${firstFailure(output)}` };
    }
    return { ok: false, by: `by ${tests.join(', ')}` };
  } finally {
    await writeFile(path, text);
  }
}

function runTest(copy, test) {
  return run(copy, ['--test-reporter=tap', join('build', 'test', `${test}.test.js`)]);
}

/** Runs Node.js to its end, or to the first test that fails: that is all there is to know. */
function run(directory, args) {
  return new Promise((resolve, reject) => {
    // Tests that were started by a test runner would only report to it.
    const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
    const env = { ...inherited, TMPDIR: join(directory, 'tmp') };
    const child = spawn(process.execPath, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const end = () => stop(child);
    const timer = setTimeout(end, TIMEOUT);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        output += text;
        if (FAILED.test(output)) end();
      });
    }
    child.on('error', reject);
    child.on('close', code => {
      clearTimeout(timer);
      resolve({ failed: code !== 0, output });
    });
  });
}

/** Ends a process with those that it started. */
function stop({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** The name of the first test that failed, the innermost. */
function firstFailure(output) {
  return FAILED.exec(output)?.[1] ?? 'did not end';
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

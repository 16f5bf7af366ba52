import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { renderChart } from './chart.mjs';
import { hold } from './contest.mjs';
import { inputsOf } from './inputs.mjs';
import { installPackages } from './packages.mjs';
import { places } from './places.mjs';
import { commit, describeMachine, programs } from './programs.mjs';
import { renderTables } from './table.mjs';
import { workloads } from './workloads/index.mjs';

const usage = `node bench/run.mjs [--only NAME]... [--quick] [--runs N]

  --only NAME  one workload (repeatable): ${workloads.map(workload => workload.name).join(', ')}
  --quick      a tenth of the records: to try it out
  --runs N     runs of each program (5)`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(usage);
else process.exitCode = await run(chosen(values.only), values.quick, wholeNumber(values.runs));

/** Measures, prints and writes. Answers the exit code: 1 if a program failed to run, whatever the goals say. */
async function run(selected, quick, runs) {
  installPackages();
  const inputs = inputsOf({ quick });
  const found = Object.fromEntries(Object.entries(programs).map(([key, { version }]) => [key, version()]));
  const versions = Object.fromEntries(Object.entries(programs).map(([key, { name }]) => [name, found[key]]));
  const outcome = {
    date: new Date().toISOString(),
    commit: commit(),
    machine: describeMachine(),
    versions,
    runs,
    quick,
  };

  const held = [];
  for (const workload of selected) {
    console.error(`${workload.name} (${held.length + 1} of ${selected.length})`);
    held.push(await hold(workload, inputs, found, runs));
  }
  const whole = !quick && selected.length === workloads.length;
  publish({ ...outcome, workloads: held }, whole ? places.results : places.partialResults);
  return held.some(({ results }) => results.some(result => result.failure !== undefined)) ? 1 : 0;
}

function publish(outcome, folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'results.json'), `${JSON.stringify(outcome, null, 2)}\n`);
  fs.writeFileSync(path.join(folder, 'chart.svg'), renderChart(outcome));
  console.log(renderTables(outcome));
  console.log(`Written: results.json and chart.svg in ${path.relative(process.cwd(), folder) || '.'}`);
}

function chosen(names) {
  if (names === undefined) return workloads;
  return names.map(name => {
    const workload = workloads.find(candidate => candidate.name === name);
    if (workload === undefined) throw new TypeError(`no workload is named ${name}\n\n${usage}`);
    return workload;
  });
}

function wholeNumber(text) {
  if (!/^[1-9]\d*$/.test(text)) throw new TypeError(`--runs takes a whole number from 1, not ${text}`);
  return Number(text);
}

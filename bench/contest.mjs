import { rmSync } from 'node:fs';
import { judge } from './goals.mjs';
import { measure } from './measure.mjs';
import { emptyOutputs } from './outputs.mjs';
import { summarize } from './statistics.mjs';

/** A program this slow is measured three times at most: its differences from run to run are not what matters. */
const slowSeconds = 5;
const slowRuns = 3;

/**
 * Runs the entries of a workload by turns (A B C A B C), so that whatever disturbs the machine disturbs all of them. Answers results
 * and goals, ready for the report. A failing entry is reported and the others go on.
 */
export async function hold(workload, inputs, versions, runs) {
  const input = workload.input === undefined ? null : await inputs.make(workload.input);
  emptyOutputs();
  const contestants = [];
  for (const entry of workload.entries) {
    const missing = versions[entry.program] === null;
    contestants.push({
      entry,
      input: missing ? null : await inputFor(entry, workload, inputs),
      missing,
      runs: [],
    });
  }

  const rounds = Math.min(runs * (workload.moreRuns ?? 1), workload.mostRuns ?? Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) {
      if (isDue(contestant, round)) await runOnce(contestant, round, workload.keepsOutputs === true);
    }
  }
  emptyOutputs();
  for (const { entry, input } of contestants) if (entry.tenfold && input) rmSync(input.file, { force: true });

  return report(workload, input, contestants);
}

async function inputFor(entry, workload, inputs) {
  const name = entry.input ?? workload.input;
  if (name === undefined) return null;
  return entry.tenfold ? await inputs.makeTenfold(name) : await inputs.make(name);
}

function isDue({ missing, failure, runs }, round) {
  if (missing || failure !== undefined) return false;
  return round < slowRuns || runs[0].seconds < slowSeconds;
}

async function runOnce(contestant, round, keepsOutputs) {
  const { entry, input, runs } = contestant;
  try {
    if (!keepsOutputs) emptyOutputs();
    if (round === 0) await entry.prepare?.(input);
    entry.before?.(input);
    const { stdout, exits } = entry;
    runs.push(await measure({ command: entry.command(input), stdout, exits }));
    if (round === 0) entry.check?.(input);
    console.error(`  ${entry.label}: ${runs.at(-1).seconds.toFixed(3)} s`);
  } catch (error) {
    contestant.failure = error.message;
    console.error(`  ${entry.label}: failed: ${error.message}`);
  }
}

function report(workload, input, contestants) {
  const results = contestants.map(({ entry, missing, failure, runs }) => {
    const { label, program } = entry;
    if (missing) return { label, program, missing };
    if (failure !== undefined) return { label, program, failure };
    return { label, program, ...summarize(runs) };
  });
  const measured = Object.fromEntries(results.filter(r => r.seconds !== undefined).map(r => [r.label, r]));
  return {
    name: workload.name,
    title: workload.title,
    chart: workload.chart === true,
    input: input === null ? null : { name: workload.input, bytes: input.bytes, records: input.records },
    results,
    goals: workload.goals.map(goal => judge(goal, measured, input)),
  };
}

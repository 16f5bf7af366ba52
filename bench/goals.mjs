/**
 * What a workload is to reach: `floor` at least, `aim` if possible; either may be missing. `measure` takes the results by label and answers
 * a number, or null where a program is missing.
 */

/** How many times as fast as another program: a ratio of times. */
export function timesAsFast(than, { floor, aim }) {
  return {
    what: `speed ÷ ${than}`,
    unit: '×',
    better: 'more',
    floor,
    aim,
    measure: results => ratio(results[than]?.seconds, results.tranche?.seconds),
  };
}

/** Time of one entry over that of another. */
export function timeOver(label, base, { floor, aim }) {
  return {
    what: `${label} ÷ ${base}`,
    unit: '×',
    better: 'less',
    floor,
    aim,
    measure: results => ratio(results[label]?.seconds, results[base]?.seconds),
  };
}

/** A goal of which only the bound differs from entry to entry. */
export function bound(what, unit, better, { floor, aim }, measure) {
  return { what, unit, better, floor, aim, measure };
}

/** A goal with what was measured, and in words whether it was reached. */
export function judge(goal, results, input) {
  const { what, unit, better, floor = null, aim = null } = goal;
  const measured = goal.measure(results, input);
  return { what, unit, better, floor, aim, measured, verdict: verdict(measured, better, floor, aim) };
}

function verdict(measured, better, floor, aim) {
  if (measured === null) return 'not measured';
  const meets = limit => (better === 'more' ? measured >= limit : measured <= limit);
  if (aim === null) return meets(floor) ? 'reached' : 'not reached';
  if (meets(aim)) return 'reached';
  return floor !== null && meets(floor) ? 'floor reached' : 'not reached';
}

/** Null where one of the two was not measured. */
export function ratio(above, below) {
  return above === undefined || below === undefined ? null : above / below;
}

import { megabytes, quantity, seconds, thousands } from './units.mjs';

/** The whole report as text. */
export function renderTables({ machine, versions, workloads, runs, quick }) {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version ?? 'missing'}`);
  return [
    `${machine.processor}, ${machine.cores} cores, ${machine.system}`,
    programs.join(' · '),
    `Median of ${runs} runs by turns${quick ? '; a tenth of the records: not to be quoted' : ''}`,
    '',
    ...workloads.flatMap(workload => [heading(workload), ...results(workload), '', ...goals(workload), '']),
  ].join('\n');
}

function heading({ name, title, input }) {
  const size = input === null ? '' : ` (${thousands(input.records)} records, ${megabytes(input.bytes)})`;
  return `${name}: ${title}${size}`;
}

function results({ results, input, name }) {
  const tranche = results.find(result => result.label === 'tranche');
  const comparable = input !== null && name !== 'resume' && name !== 'memory';
  const rows = results.map(result => {
    if (result.missing) return [result.label, missing(result)];
    if (result.failure !== undefined) return [result.label, 'FAILED: see results.json'];
    return [
      result.label,
      seconds(result.seconds),
      `${result.fastest.toFixed(3)}–${result.slowest.toFixed(3)}`,
      result.cpu === null ? '–' : `${result.cpu.toFixed(2)} s`,
      comparable ? `${thousands(input.records / result.seconds)}/s` : '–',
      comparable ? `${thousands(input.bytes / 1e6 / result.seconds)} MB/s` : '–',
      result.rss === null ? '–' : megabytes(result.rss),
      tranche?.seconds === undefined ? '–' : `${(result.seconds / tranche.seconds).toFixed(2)}×`,
    ];
  });
  return align([['', 'median', 'from–to', 'CPU', 'records', 'input', 'peak RSS', 'time ÷ tranche'], ...rows]);
}

function missing({ program }) {
  return program === 'tranche' ? 'missing: run `npm run build` first' : 'missing: not installed here';
}

function goals({ goals }) {
  const rows = goals.map(({ what, unit, better, floor, aim, measured, verdict }) => [
    what,
    `${limit(floor, unit, better)}`,
    `${limit(aim, unit, better)}`,
    measured === null ? '–' : quantity(measured, unit),
    verdict === 'not reached' ? 'NOT REACHED' : verdict,
  ]);
  return align([['goal', 'at least', 'aim', 'measured', ''], ...rows]);
}

function limit(value, unit, better) {
  if (value === null) return '–';
  return `${better === 'more' ? '≥' : '≤'} ${quantity(value, unit)}`;
}

/** The first column to the left, the others to the right; a row may be shorter than the others. */
function align(rows) {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.filter(row => row.length === rows[0].length).map(row => row[column].length)),
  );
  widths[0] = Math.max(...rows.map(row => row[0].length));
  return rows.map(row =>
    row
      .map((cell, column) => {
        if (column === 0) return `  ${cell.padEnd(widths[0])}`;
        return row.length < rows[0].length ? cell : cell.padStart(widths[column]);
      })
      .join('  ')
      .trimEnd(),
  );
}

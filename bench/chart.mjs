import { seconds } from './units.mjs';

const width = 860;
const left = 210;
const right = 170;
const barHeight = 18;
const barGap = 5;
const groupGap = 30;
const top = 70;
const colours = { tranche: '#1f6feb', peer: '#9aa4b0', text: '#1f2328', faint: '#656d76' };

/**
 * A group of horizontal bars a workload, as SVG: the shorter the better. Bars of a group share a scale on which its slowest program fills the
 * width; the label gives the time, and how many times that of tranche it is.
 */
export function renderChart({ workloads, machine, versions }) {
  const groups = workloads.filter(workload => workload.chart).map(measuredOnly);
  let y = top;
  const parts = groups.map(group => {
    const drawn = drawGroup(group, y);
    y += groupHeight(group);
    return drawn;
  });
  const subtitle = `whole processes, wall time, median; shorter is better · ${machine.processor}, ${machine.cores} cores · Node.js ${versions['Node.js']}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13">`,
    `<title>Time of tranche and of other programs for the same work</title>`,
    `<rect width="${width}" height="${y}" fill="#ffffff"/>`,
    text(20, 30, 'Time for the same work', { size: 18, weight: 600 }),
    text(20, 50, subtitle, { size: 12, fill: colours.faint }),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function measuredOnly(workload) {
  return { ...workload, results: workload.results.filter(result => result.seconds !== undefined) };
}

function groupHeight({ results }) {
  return 24 + results.length * (barHeight + barGap) + groupGap;
}

function drawGroup({ title, input, results }, y) {
  const longest = Math.max(...results.map(result => result.seconds));
  const tranche = results.find(result => result.label === 'tranche');
  const size = `${(input.records / 1e6).toLocaleString('en')} million records, ${(input.bytes / 1e6).toFixed(0)} MB`;
  const bars = results.map((result, index) => {
    const barY = y + 24 + index * (barHeight + barGap);
    const length = Math.max(2, ((width - left - right) * result.seconds) / longest);
    const own = result.label === 'tranche';
    const baseline = barY + barHeight - 5;
    return [
      text(left - 10, baseline, result.label, { anchor: 'end', weight: own ? 600 : 400 }),
      `<rect x="${left}" y="${barY}" width="${length.toFixed(1)}" height="${barHeight}" rx="2" fill="${own ? colours.tranche : colours.peer}"/>`,
      text(left + length + 8, baseline, label(result, tranche), { weight: own ? 600 : 400 }),
    ].join('\n');
  });
  return [
    `<text x="20" y="${y + 12}" font-size="14" font-weight="600" fill="${colours.text}">${escapeText(title)}<tspan dx="10" font-size="12" font-weight="400" fill="${colours.faint}">${size}</tspan></text>`,
    ...bars,
  ].join('\n');
}

function label(result, tranche) {
  if (tranche === undefined || result === tranche) return seconds(result.seconds);
  return `${seconds(result.seconds)} · ${(result.seconds / tranche.seconds).toFixed(2)}×`;
}

function text(x, y, content, { size = 13, weight = 400, fill = colours.text, anchor = 'start' } = {}) {
  return `<text x="${x.toFixed(1)}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escapeText(content)}</text>`;
}

function escapeText(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import type { Flow, Phase, Progress } from './progress.js';
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatPercent,
  formatRate,
  formatRemaining,
} from './quantities.js';

/** A part of the line; parts of a higher rank leave first when the terminal is narrow. */
interface Part {
  readonly text: string;
  readonly rank: number;
}

const GAP = '  ';
const BAR_LEAST = 8;
const BAR_MOST = 30;

/** How the line is to be drawn. */
export interface LineStyle {
  /** Columns at most. */
  readonly width: number;
  readonly unicode: boolean;
  /** Draw a bar of blocks if there is room and a total. */
  readonly bar: boolean;
}

/** One line of progress that fits its width: percentage, bar, done of total, records, rate, ETA, rejects, retries. */
export function progressLine(progress: Progress, now: number, style: LineStyle): string {
  const share = progress.share;
  const parts = fitting(partsOf(progress, now), style.width);
  const line = parts.map(part => part.text).join(GAP);
  const room = Math.min(BAR_MOST, style.width - line.length - GAP.length);
  if (!style.bar || share === null || room < BAR_LEAST) return line;
  const [percent = '', ...rest] = parts.map(part => part.text);
  return [percent, drawBar(share, room, style.unicode), ...rest].join(GAP);
}

/** The line of something slow: `winding forward orders.csv.gz  42%`. */
export function phaseLine(phase: Phase, width: number): string {
  const { what, done, total } = phase;
  const share = done === undefined || !total ? '' : `${GAP}${formatPercent(done / total)}`;
  const most = Math.max(0, width - share.length);
  const words = what.length > most ? `${what.slice(0, Math.max(0, most - 1))}…` : what;
  return `${words}${share}`.slice(0, width);
}

function partsOf(progress: Progress, now: number): Part[] {
  const { counts, retries, share, total, flow, held } = progress;
  const rate = progress.rate(now);
  const remaining = progress.remaining(now);
  const parts: Part[] = [];
  if (share !== null) parts.push({ text: formatPercent(share).padStart(4), rank: 0 });
  if (total !== null) parts.push({ text: amountOf(progress, total), rank: 5 });
  else if (counts.bytes > 0) parts.push({ text: formatBytes(counts.bytes), rank: 5 });
  if (progress.size.bytes !== undefined || total === null) {
    parts.push({ text: formatCountOf(counts.read, 'record'), rank: total === null ? 1 : 6 });
  }
  if (rate !== null) parts.push({ text: formatRate(rate), rank: 3 });
  if (remaining !== null) parts.push({ text: `ETA ${formatRemaining(remaining)}`, rank: 1 });
  if (flow !== null) parts.push({ text: flowText(flow), rank: 4 });
  else if (held > 0) parts.push({ text: `held back ${formatDuration(held)} by --rate`, rank: 4 });
  if (counts.rejected > 0) parts.push({ text: formatCountOf(counts.rejected, 'reject'), rank: 2 });
  if (retries > 0) parts.push({ text: formatCountOf(retries, 'retry', 'retries'), rank: 4 });
  return parts;
}

function flowText({ inFlight, limit, waiting }: Flow): string {
  const held = waiting > 0 ? `, ${formatCount(waiting)} held back by --rate` : '';
  return `${inFlight}/${limit} in flight${held}`;
}

function amountOf(progress: Progress, total: number): string {
  return progress.size.bytes === undefined
    ? `${formatCount(progress.done)} of ${formatCountOf(total, 'record')}`
    : `${formatBytes(progress.done)} of ${formatBytes(total)}`;
}

function fitting(parts: readonly Part[], width: number): Part[] {
  const kept = [...parts];
  while (kept.length > 1 && lengthOf(kept) > width) {
    const last = Math.max(...kept.map(part => part.rank));
    kept.splice(
      kept.findIndex(part => part.rank === last),
      1,
    );
  }
  return lengthOf(kept) > width ? kept.map(part => ({ ...part, text: part.text.slice(0, width) })) : kept;
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.text.length, 0) + GAP.length * (parts.length - 1);
}

function drawBar(share: number, width: number, unicode: boolean): string {
  const full = Math.floor(share * width);
  return (unicode ? '█' : '#').repeat(full) + (unicode ? '░' : '-').repeat(width - full);
}

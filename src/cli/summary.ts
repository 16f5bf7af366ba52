import type { Counts } from '../core/checkpoint.js';
import type { Summary } from '../core/events.js';
import { passedOverLine } from '../reporters/messages.js';
import { nearPath } from '../reporters/near-path.js';
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatRate,
} from '../reporters/quantities.js';

/** A run's end in lines: what became of it, the counts of the job, and where the rejects are. */
export function summaryLines(summary: Summary): readonly string[] {
  const passedOver = summary.passedOver ? [`  ${passedOverLine(summary.passedOver)}`] : [];
  if (summary.nothingNew) {
    const read = formatCountOf(summary.counts.read, 'record');
    return [`nothing new: the input is unchanged since this job finished (${read})`, ...passedOver];
  }
  const lines = [headline(summary), balanceLine(summary.counts)];
  if (summary.counts.rejected > 0) lines.push(rejectsLine(summary));
  if (summary.retries > 0) lines.push(`  retries: ${formatCount(summary.retries)}`);
  lines.push(...passedOver);
  if (summary.status !== 'finished' && summary.position !== null)
    lines.push(`  stopped at: ${summary.position}`);
  return lines;
}

function headline(summary: Summary): string {
  const { run, counts, elapsed, elapsedTotal } = summary;
  const amount = `${formatCountOf(run.read, 'record')} (${formatBytes(run.bytes)}) in ${formatDuration(elapsed)}`;
  const speed = elapsed > 0 && run.read > 0 ? `, ${speedOf(run, elapsed)}` : '';
  const again = counts.read > run.read ? `; all runs of this job: ${formatDuration(elapsedTotal)}` : '';
  return `${outcome(summary)}: ${amount}${speed}${again}`;
}

function outcome({ status, stopped }: Summary): string {
  if (status === 'finished') return 'done';
  if (status === 'failed') return 'failed';
  return stopped === null
    ? 'paused'
    : stopped.startsWith('--')
      ? `paused by ${stopped}`
      : `stopped (${stopped})`;
}

function speedOf({ read, bytes }: Counts, elapsed: number): string {
  const seconds = elapsed / 1000;
  return `${formatRate(read / seconds)}, ${formatBytes(bytes / seconds)}/s`;
}

function balanceLine({ read, written, rejected, filtered, skipped }: Counts): string {
  const parts = [`written ${formatCount(written)}`, `rejected ${formatCount(rejected)}`];
  parts.push(`filtered ${formatCount(filtered)}`, `skipped ${formatCount(skipped)}`);
  return `  read ${formatCount(read)} = ${parts.join(' + ')}`;
}

function rejectsLine({ rejects, rejectedBy }: Summary): string {
  const reasons = Object.entries(rejectedBy).map(([reason, count]) => `${reason} ${formatCount(count)}`);
  const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
  return `  rejects${why}: ${rejects === null ? 'not kept' : nearPath(rejects)}`;
}

import type { ReasonCode } from '../core/batch.js';
import type { Checkpoint } from '../core/checkpoint.js';
import { TrancheError } from '../core/errors.js';
import type { KeptReject } from '../core/reject.js';
import { copyDefaults } from '../options.js';
import { exportRejects } from '../plan/retry/export-rejects.js';
import { jobFormat } from '../plan/retry/job-format.js';
import { listRejects, type RejectList } from '../plan/retry/list-rejects.js';
import { rejectId } from '../plan/retry/reject-id.js';
import { loadRound } from '../plan/retry/round.js';
import { unresolvedOf } from '../plan/retry/unresolved.js';
import { nearPath } from '../reporters/near-path.js';
import { printable } from '../reporters/printable.js';
import { formatCount, formatCountOf } from '../reporters/quantities.js';
import { jobDirectory } from '../state/job-directory.js';
import { rejectObject } from '../state/reject-line.js';
import { inColumns } from './columns.js';
import { commandOf } from './job-facts.js';
import { readJob } from './job-report.js';
import { jobValues } from './job-values.js';
import { jobWords, programWords } from './resume-command.js';
import { shellLine } from './shell.js';

/** Characters of a raw record that are shown. */
const SHOWN = 100;

/** Rejects that somebody asks about. */
export interface AskedRejects {
  readonly job: string;
  readonly stateDir: string;
  readonly reasons: readonly ReasonCode[] | undefined;
}

/** Counts and samples of a job's rejects, in lines or as a JSON object. */
export async function describeRejects(what: AskedRejects, samples: number, json: boolean): Promise<string> {
  const { job, stateDir, reasons } = what;
  const checkpoint = await checkpointOf(what);
  const list = await listRejects(jobDirectory(stateDir, job), checkpoint, reasons, samples);
  if (json) return `${JSON.stringify(objectOf(checkpoint, list))}\n`;
  const lines = [...countLines(checkpoint, list), ...sampleLines(checkpoint, list)];
  if (list.counts.unresolved > 0) lines.push(...stepLines(what, checkpoint));
  return `${lines.map(printable).join('\n')}\n`;
}

/** Writes the rejects to a file, and says what can be done with it. */
export async function exportRejectsOf(what: AskedRejects, path: string, json: boolean): Promise<string> {
  const { job, stateDir, reasons } = what;
  const checkpoint = await checkpointOf(what);
  const { source, options } = await jobValues(checkpoint);
  const round = await loadRound(jobDirectory(stateDir, job), job);
  const rejects = chosen(unresolvedOf(checkpoint, round), reasons);
  const format = await jobFormat(source, checkpoint, options);
  const { written, leftOut } = await exportRejects(rejects, path, checkpoint, format);
  const back = shellLine([...retryWords(what), '--from', path]);
  if (json) return `${JSON.stringify({ job, to: path, written, leftOut, next: back })}\n`;
  const lines = [`${formatCountOf(written, 'record')} in ${path}`];
  if (leftOut > 0) {
    lines.push(
      `${formatCountOf(leftOut, 'record')} left out: kept in part, not in UTF-8, or with an open quote, they cannot stand in CSV; a file .ndjson takes them`,
    );
  }
  lines.push('edit what is behind the first column or in "raw", and give it back:', `  ${back}`);
  return `${lines.map(printable).join('\n')}\n`;
}

/** What can be done about them. */
function stepLines(what: AskedRejects, job: Checkpoint): readonly string[] {
  return job.status === 'finished'
    ? ['to send them again:', `  ${shellLine(retryWords(what))}`]
    : ['to finish the job first, so that they can be sent again:', `  ${commandOf(job)}`];
}

async function checkpointOf({ job, stateDir }: AskedRejects): Promise<Checkpoint> {
  const { checkpoint, error } = await readJob(stateDir, job);
  if (error !== null) throw error;
  if (checkpoint !== null) return checkpoint;
  throw new TrancheError('usage', `job "${job}" has no checkpoint yet, and so no rejects`);
}

async function* chosen(
  rejects: AsyncIterable<KeptReject>,
  reasons: readonly ReasonCode[] | undefined,
): AsyncGenerator<KeptReject> {
  for await (const reject of rejects) {
    if (reasons === undefined || reasons.includes(reject.reason)) yield reject;
  }
}

function objectOf(job: Checkpoint, { counts, byReason, samples }: RejectList): Record<string, unknown> {
  return {
    job: job.job,
    ...counts,
    reasons: Object.fromEntries(byReason),
    file: job.rejects.path,
    samples: samples.map(one => ({ ...rejectObject(one, one.time), reject: rejectId(job, one.number) })),
  };
}

function countLines(job: Checkpoint, { counts, byReason }: RejectList): readonly string[] {
  const { total, unresolved, resolved } = counts;
  const state =
    resolved === 0 ? '' : `, ${formatCount(resolved)} resolved and ${formatCount(unresolved)} not`;
  const head = `job ${job.job}: ${formatCountOf(total, 'reject')}${state}, in ${nearPath(job.rejects.path)}`;
  if (byReason.size === 0) return [head];
  const rows = [...byReason].map(([reason, count]) => [
    reason,
    formatCount(count.unresolved),
    formatCount(count.resolved),
  ]);
  return [head, ...inColumns([['REASON', 'UNRESOLVED', 'RESOLVED'], ...rows])];
}

function sampleLines(job: Checkpoint, { byReason, samples }: RejectList): readonly string[] {
  const asked = [...byReason.values()].reduce((sum, { unresolved }) => sum + unresolved, 0);
  const more = asked - samples.length;
  return [
    ...samples.flatMap(sample => sampleOf(job, sample)),
    ...(more > 0 ? [`and ${formatCount(more)} more; --samples N shows more`] : []),
  ];
}

function sampleOf(job: Checkpoint, reject: KeptReject): readonly string[] {
  const { at, reason, message, raw, earlier } = reject;
  const place = at.line > 0 ? `line ${formatCount(at.line)}` : `record ${formatCount(at.record)}`;
  const again = earlier.length === 0 ? '' : ` (sent again ${formatCountOf(earlier.length, 'time')})`;
  const text = raw.toString('utf8');
  return [
    `${rejectId(job, reject.number)}  ${at.file}, ${place}  ${reason}: ${message}${again}`,
    `  ${text.slice(0, SHOWN)}${text.length > SHOWN ? ' …' : ''}`,
  ];
}

function retryWords({ job, stateDir }: AskedRejects): readonly string[] {
  const named = jobWords(job, stateDir === copyDefaults.stateDir ? undefined : stateDir);
  return [...programWords(), 'retry-rejects', ...named];
}

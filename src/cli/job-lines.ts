import type { Checkpoint } from '../core/checkpoint.js';
import { nearPath } from '../reporters/near-path.js';
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatPercent,
  formatRate,
} from '../reporters/quantities.js';
import { inColumns } from './columns.js';
import { ageOf, commandOf, rateOf, shareOf, wordsOf } from './job-facts.js';
import type { JobReport } from './job-report.js';

type Row = readonly [name: string, fact: string];

/** A job in lines, for a person who wants to know how it stands. */
export function jobLines(report: JobReport): readonly string[] {
  return inColumns(jobRows(report));
}

/** A checkpoint in lines: {@link jobLines}, and everything else that it holds. */
export function checkpointLines(report: JobReport, checkpoint: Checkpoint): readonly string[] {
  return inColumns([...jobRows(report), ...checkpointRows(checkpoint)]);
}

function jobRows(report: JobReport): Row[] {
  const { job, checkpoint, checkpointPath } = report;
  const rows: Row[] = [
    ['job', job],
    ['status', standing(report)],
  ];
  if (checkpoint === null) return rows;
  rows.push(
    ['source', checkpoint.source.name],
    ['target', checkpoint.target.name],
    ['position', wordsOf(checkpoint.source.position)],
    ['done', done(checkpoint)],
    ['records', balance(checkpoint)],
    ['speed', speed(checkpoint)],
    ['rejects', rejects(report, checkpoint)],
    ['checkpoint', `${formatDuration(ageOf(checkpoint))} ago, in ${nearPath(checkpointPath)}`],
  );
  if (checkpoint.status !== 'finished') rows.push(['to go on', commandOf(checkpoint)]);
  return rows;
}

function checkpointRows({ target, columns, options, runs, startedAt, id }: Checkpoint): Row[] {
  const types = columns.map(({ name, type }) => `${name} ${type}`);
  const given = Object.entries(options).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    ['mark', wordsOf(target.mark)],
    ['columns', types.length === 0 ? 'none known' : types.join(', ')],
    ['options', given.length === 0 ? 'none that change what is written' : given.join(' ')],
    ['runs', `${runs}, the first began ${startedAt}`],
    ['identity', id],
  ];
}

function standing({ standing: word, process, checkpoint }: JobReport): string {
  if (process !== null) return `${word}: process ${process.pid} on ${process.host} since ${process.since}`;
  const because = checkpoint?.because ? ` (${checkpoint.because})` : '';
  return `${word}${because}; no process runs it`;
}

function done(checkpoint: Checkpoint): string {
  const share = shareOf(checkpoint);
  const { size } = checkpoint.source;
  const total =
    size?.bytes !== undefined
      ? ` of ${formatBytes(size.bytes)}`
      : size?.records !== undefined
        ? ` of ${formatCountOf(size.records, 'record')}`
        : '';
  const amount =
    size?.bytes === undefined && size?.records !== undefined ? '' : formatBytes(checkpoint.counts.bytes);
  return `${share === null ? '' : `${formatPercent(share)}, `}${amount}${total}`.trim();
}

function balance({ counts: { read, written, rejected, filtered, skipped } }: Checkpoint): string {
  const parts = [`written ${formatCount(written)}`, `rejected ${formatCount(rejected)}`];
  parts.push(`filtered ${formatCount(filtered)}`, `skipped ${formatCount(skipped)}`);
  return `read ${formatCount(read)} = ${parts.join(' + ')}`;
}

function rejects(report: JobReport, { counts, rejects: { path } }: Checkpoint): string {
  const { resolved, unresolved } = report.rejects ?? { resolved: 0, unresolved: 0 };
  const since =
    resolved === 0 ? '' : `, ${formatCount(resolved)} resolved and ${formatCount(unresolved)} not,`;
  return `${formatCount(counts.rejected)}${since} in ${nearPath(path)}`;
}

function speed(checkpoint: Checkpoint): string {
  const rate = rateOf(checkpoint);
  return `${rate === null ? 'unknown' : formatRate(rate)} over ${formatDuration(checkpoint.elapsed)}`;
}

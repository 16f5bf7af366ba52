import type { Checkpoint } from '../core/checkpoint.js';
import type { JsonObject } from '../core/json.js';
import { redact } from '../core/redact.js';
import { formatCount } from '../reporters/quantities.js';
import type { JobReport } from './job-report.js';
import { shellLine } from './shell.js';

/** Share of the input that is done, from 0 to 1; null where the total is not known. */
export function shareOf({ source, counts, status }: Checkpoint): number | null {
  if (status === 'finished') return 1;
  const { bytes, records } = source.size ?? {};
  if (bytes !== undefined) return bytes === 0 ? 1 : Math.min(1, counts.bytes / bytes);
  return records ? Math.min(1, counts.read / records) : null;
}

/** Records a second over all runs; null before there were any. */
export function rateOf({ counts, elapsed }: Checkpoint): number | null {
  return elapsed > 0 ? counts.read / (elapsed / 1000) : null;
}

/** Milliseconds since the checkpoint was taken. */
export function ageOf({ updatedAt }: Checkpoint): number {
  return Math.max(0, Date.now() - Date.parse(updatedAt));
}

/** A position or mark in words, whatever it is made of: `path orders.csv, offset 1,234, record 56`. */
export function wordsOf(place: JsonObject | null): string {
  if (place === null) return 'the beginning';
  const words = Object.entries(place).flatMap(([key, value]) => {
    if (typeof value === 'number') return `${key} ${formatCount(value)}`;
    return typeof value === 'string' ? `${key} ${redact(value)}` : [];
  });
  return words.length === 0 ? 'the beginning' : words.join(', ');
}

/** The command that goes on, for a shell. */
export function commandOf({ command }: Checkpoint): string {
  return shellLine(command);
}

/** A job as one JSON object: the facts of `tranche status`. Keys are added to, never renamed. */
export function jobObject(report: JobReport): Record<string, unknown> {
  const { job, standing, process, checkpoint, error, checkpointPath } = report;
  const base = { job, status: standing, process, checkpoint: checkpointPath };
  if (checkpoint === null) return { ...base, error: error?.message ?? null };
  return {
    ...base,
    error: null,
    because: checkpoint.because,
    source: checkpoint.source.name,
    target: checkpoint.target.name,
    position: checkpoint.source.position,
    share: shareOf(checkpoint),
    counts: checkpoint.counts,
    recordsPerSecond: rateOf(checkpoint),
    rejects: checkpoint.rejects.path,
    unresolved: report.rejects?.unresolved ?? 0,
    resolved: report.rejects?.resolved ?? 0,
    updatedAt: checkpoint.updatedAt,
    ageMilliseconds: ageOf(checkpoint),
    elapsed: checkpoint.elapsed,
    runs: checkpoint.runs,
    command: checkpoint.status === 'finished' ? null : commandOf(checkpoint),
  };
}

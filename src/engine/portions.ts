import type { Batch } from '../core/batch.js';
import type { Counts } from '../core/checkpoint.js';
import type { ErrorBudget } from './budget.js';
import { cutsAgain } from './cuts-again.js';
import { DoneRanges } from './done-ranges.js';
import { remainingHalves } from './halves.js';
import type { Job } from './job.js';
import { type Portion, skippedPortion, wholeBatch } from './portion.js';
import { readAhead } from './read-ahead.js';
import { splitAfter } from './split-portion.js';
import { transformPortion } from './transform.js';

/**
 * The source's batches, cut where `--skip`, `--limit` or `--max-errors` say, or where an earlier run has done what comes next, and sent through the
 * transform. The batches end early when the signal is aborted. Behind a cut for `--max-errors` there is nothing more: its portion is one too many.
 */
export async function* portionsOf(
  job: Job,
  batches: AsyncIterable<Batch>,
  budget: ErrorBudget,
  signal: AbortSignal,
): AsyncGenerator<Portion> {
  for await (const wanted of readAhead(wantedOf(job, batches, signal))) {
    if (signal.aborted) return;
    const asIs = wanted.passed || wanted.skipped > 0;
    const portion = asIs ? wanted : await prepared(job, upToError(wanted, budget.left), budget);
    yield portion;
    if (portion.read < wanted.read) return;
  }
}

async function* wantedOf(
  job: Job,
  batches: AsyncIterable<Batch>,
  signal: AbortSignal,
): AsyncGenerator<Portion> {
  const { start, settings, source } = job;
  const { limit = Number.POSITIVE_INFINITY } = settings;
  const done = new DoneRanges(source, start.ahead);
  let toSkip = settings.skip - start.counts.skipped;
  let toRead = limit - readOf(start.counts);
  if (toRead <= 0) return;
  let number = start.batches;
  for await (const batch of batches) {
    for (const part of done.cut(wholeBatch(batch, ++number))) {
      if (part.passed) {
        yield part;
        continue;
      }
      const [skipped, rest] = toSkip > 0 ? splitAfter(part, toSkip) : [null, part];
      if (skipped) {
        toSkip -= skipped.read;
        yield skippedPortion(skipped);
      }
      if (!rest) continue;
      const [wanted] = splitAfter(rest, toRead);
      toRead -= wanted.read;
      if (cutsAgain(job.target)) yield* remainingHalves(wanted);
      else yield wanted;
      if (toRead <= 0) return;
    }
  }
  if (!signal.aborted) done.end();
}

/** Records that count against `--limit`. */
function readOf(counts: Counts): number {
  return counts.read - counts.skipped;
}

/** Cuts behind the malformed record that is one too many, so that a wrong delimiter does not fill the rejects file. */
function upToError(portion: Portion, allowed: number): Portion {
  const last = portion.malformed[allowed];
  if (!last) return portion;
  return splitAfter(portion, last.before - portion.from + allowed + 1)[0];
}

function prepared(job: Job, portion: Portion, budget: ErrorBudget): Portion | Promise<Portion> {
  if (!job.transformer) return portion;
  return transformPortion(portion, job.transformer, budget.left);
}

import type { Batch } from '../core/batch.js';
import type { Counts } from '../core/checkpoint.js';
import type { ErrorBudget } from './budget.js';
import type { Job } from './job.js';
import { type Portion, skippedPortion, wholeBatch } from './portion.js';
import { splitAfter } from './split-portion.js';
import { transformPortion } from './transform.js';

/**
 * The source's batches, cut where `--skip`, `--limit` or `--max-errors` say and sent through the transform. Whoever iterates delivers a portion
 * before the next is asked for, and releases its batch when a portion ends it.
 */
export async function* portionsOf(
  job: Job,
  batches: AsyncIterable<Batch>,
  budget: ErrorBudget,
): AsyncGenerator<Portion> {
  const { limit = Number.POSITIVE_INFINITY, skip } = job.settings;
  let toSkip = skip - job.start.counts.skipped;
  let toRead = limit - readOf(job.start.counts);
  if (toRead <= 0) return;
  let number = job.start.batches;
  for await (const batch of batches) {
    let rest: Portion | null = wholeBatch(batch, ++number);
    if (toSkip > 0) {
      const [skipped, kept]: [Portion, Portion | null] = splitAfter(rest, toSkip);
      toSkip -= skipped.read;
      yield skippedPortion(skipped);
      rest = kept;
    }
    if (!rest) continue;
    const [portion] = splitAfter(rest, toRead);
    toRead -= portion.read;
    yield await prepared(job, upToError(portion, budget.left), budget);
    if (toRead <= 0) return;
  }
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
  return transformPortion(portion, job.transformer, budget.left - portion.malformed.length);
}

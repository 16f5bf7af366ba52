import type { Checkpoint } from '../core/checkpoint.js';
import { TrancheError } from '../core/errors.js';
import type { Report } from '../core/events.js';
import { grouped } from '../core/grouped.js';
import type { Source } from '../core/source.js';
import type { Target } from '../core/target.js';
import type { CopyOptionValues } from '../options.js';
import { furthest } from './checkpoint-form.js';
import { demandSame, type FixedOptions } from './fixed-options.js';
import type { NewestCheckpoint } from './newest-checkpoint.js';
import { demandSameJob } from './same-job.js';

/** How a run begins: at the beginning, where a checkpoint left off, or not at all. */
export type Beginning =
  | { readonly kind: 'fresh'; readonly replaces: boolean }
  | { readonly kind: 'resume'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'nothing new'; readonly checkpoint: Checkpoint };

/**
 * Decides how a run begins, before anything is changed. Throws `job_unfinished` if neither `--resume` nor `--fresh` was given and is needed,
 * `source_changed`, `target_changed` or `options_changed` if the checkpoint describes something else.
 */
export async function beginningOf(
  { checkpoint, unreadable }: NewestCheckpoint,
  options: CopyOptionValues,
  fixed: FixedOptions,
  source: Source,
  target: Pick<Target, 'name'>,
  report: Report,
): Promise<Beginning> {
  if (!checkpoint) return { kind: 'fresh', replaces: unreadable };
  const unfinished = checkpoint.status !== 'finished';
  if (options.fresh) return { kind: 'fresh', replaces: unfinished };
  if (!options.resume) {
    if (unfinished) throw unfinishedJob(checkpoint);
    return { kind: 'fresh', replaces: false };
  }
  demandSameJob(checkpoint, { source: source.name, target: target.name });
  await demandSame(checkpoint.options, fixed);
  return await resumed(checkpoint, options, source, report);
}

const onChangeWords = {
  continue: 'going on behind the checkpoint, as --on-change says',
  restart: 'starting from the beginning, as --on-change says',
} as const;

async function resumed(
  checkpoint: Checkpoint,
  options: CopyOptionValues,
  source: Source,
  report: Report,
): Promise<Beginning> {
  const { identity } = checkpoint.source;
  const reached = furthest(checkpoint.source);
  if (!reached || !identity) return { kind: 'resume', checkpoint };
  const verdict = await source.verify(identity, reached);
  if (verdict.kind === 'rewritten') {
    const { onChange = 'fail' } = options;
    const message = `${checkpoint.source.name} is not what the checkpoint describes: it was ${verdict.was}; it is ${verdict.is}`;
    if (onChange === 'fail' || (onChange === 'continue' && verdict.divided))
      throw rewritten(checkpoint, message, verdict.divided);
    report({ type: 'warning', message: `${message}; ${onChangeWords[onChange]}` });
    if (onChange === 'continue') return { kind: 'resume', checkpoint: withoutAhead(checkpoint) };
    return { kind: 'fresh', replaces: checkpoint.status !== 'finished' };
  }
  const done =
    checkpoint.status === 'finished' && checkpoint.because === null && verdict.kind === 'unchanged';
  if (done) return { kind: 'nothing new', checkpoint };
  return {
    kind: 'resume',
    checkpoint: options.onChange === 'continue' ? withoutAhead(checkpoint) : checkpoint,
  };
}

/**
 * What was written out of order is written again, and counted then: it cannot be found for sure in an input that changed. Which of it was rejected is not known: the
 * rejects file has that twice then, and so have the counts.
 */
function withoutAhead(checkpoint: Checkpoint): Checkpoint {
  const { source, counts } = checkpoint;
  const ahead = source.ahead.reduce((sum, { records }) => sum + records, 0);
  const again = Math.min(ahead, counts.written);
  return {
    ...checkpoint,
    source: { ...source, ahead: [] },
    counts: { ...counts, read: counts.read - again, written: counts.written - again },
  };
}

function unfinishedJob(checkpoint: Checkpoint): TrancheError {
  const { job, counts, updatedAt } = checkpoint;
  return new TrancheError(
    'job_unfinished',
    `job ${job} was not finished: its checkpoint of ${updatedAt} stands at ${grouped(counts.read)} records`,
    { hint: 'go on with --resume, or start from the beginning with --fresh' },
  );
}

function rewritten({ source }: Checkpoint, message: string, divided = false): TrancheError {
  return new TrancheError('source_changed', message, {
    path: source.name,
    hint: divided
      ? 'start from the beginning with --fresh; --whole-lines leaves such a line for the next run'
      : 'start from the beginning with --fresh, or say --on-change continue if what comes behind the checkpoint is still right',
  });
}

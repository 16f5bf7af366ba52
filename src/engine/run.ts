import { TrancheError } from '../core/errors.js';
import type { StopReason } from '../core/events.js';
import { makeDurable } from './checkpoints.js';
import type { Progress } from './committer.js';
import { Execution } from './execution.js';
import type { Job, Outcome } from './job.js';
import { Stop } from './stop.js';

/**
 * Runs a job until its input ends, it is stopped or it fails: reads a batch, transforms it, writes it, and hands its progress to the
 * committer. Never throws for what happens while running: the outcome says it. The caller closes the source.
 */
export async function run(job: Job): Promise<Outcome> {
  const { settings } = job;
  const stop = new Stop(job.signal, settings.maxDuration, settings.maxBatches);
  const execution = new Execution(job, stop);
  try {
    await execution.copy();
    await execution.drain();
    if (stop.failure) throw stop.failure;
    return stop.reason ? await pause(job, execution, stop.reason) : await finish(job, execution);
  } catch (error) {
    return await fail(job, execution, stop.failure ?? error);
  } finally {
    stop.dispose();
  }
}

/** What was delivered is kept, for the next run to go on behind it. */
async function pause(job: Job, execution: Execution, because: StopReason): Promise<Outcome> {
  const { progress, checkpoints } = execution;
  await checkpoints?.record(progress, 'paused', because);
  if (checkpoints) await makeDurable(job);
  await job.target.close(false);
  await checkpoints?.save(progress, 'paused', because);
  await job.journal.write('paused', { read: progress.counts.read, because });
  return outcomeOf(execution, { status: 'paused', stopped: because });
}

async function finish(job: Job, execution: Execution): Promise<Outcome> {
  const { progress, checkpoints } = execution;
  checkBalance(progress);
  const exceeded = execution.budget.exceeded(true);
  if (exceeded) throw exceeded;
  await makeDurable(job);
  await job.target.close(true);
  const because = isLimited(job, progress) ? '--limit' : null;
  await checkpoints?.record(progress, 'finished', because);
  await checkpoints?.save(progress, 'finished', because);
  await job.journal.write('finished', { read: progress.counts.read, ...(because ? { because } : {}) });
  return outcomeOf(execution, { status: 'finished' });
}

/** Something went wrong: keeps what is durable, and says why. */
async function fail(job: Job, execution: Execution, cause: unknown): Promise<Outcome> {
  const error = asTrancheError(cause);
  await execution.drain().catch(() => undefined);
  await job.target.close(false).catch(() => undefined);
  const progress = execution.committed;
  // Whoever read the output wanted no more: a quiet stop at the newest checkpoint.
  const closed = error.code === 'output_closed';
  const [status, because] = closed
    ? (['paused', 'output closed'] as const)
    : (['failed', error.message] as const);
  await execution.checkpoints?.save(progress, status, because).catch(() => undefined);
  await job.journal.write(status, closed ? { because } : { message: because });
  return outcomeOf(
    execution,
    closed ? { status, stopped: 'output closed', progress } : { status, error, progress },
  );
}

function outcomeOf(execution: Execution, what: Pick<Outcome, 'status'> & Partial<Outcome>): Outcome {
  const { progress, retries, rejectedBy, flow, passedOver } = execution;
  return { stopped: null, error: null, progress, retries, rejectedBy, flow, passedOver, ...what };
}

function isLimited({ settings }: Job, { counts }: Progress): boolean {
  return settings.limit !== undefined && counts.read - counts.skipped >= settings.limit;
}

/** Every record read has to be accounted for; the four counters are counted in four places. */
function checkBalance({ counts }: Progress): void {
  const { read, written, rejected, filtered, skipped } = counts;
  if (read === written + rejected + filtered + skipped) return;
  throw new TrancheError(
    'imbalance',
    `${read} records were read, but ${written} written, ${rejected} rejected, ${filtered} filtered and ${skipped} skipped: ${read - written - rejected - filtered - skipped} are unaccounted for`,
    { hint: 'this is a defect of tranche or of the target: please report it' },
  );
}

function asTrancheError(cause: unknown): TrancheError {
  if (cause instanceof TrancheError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new TrancheError('internal', message, { cause });
}

import { TrancheError } from '../core/errors.js';
import type { TargetTraits } from '../core/target.js';
import type { Settings } from '../engine/job.js';
import { pacedBatch } from '../engine/pace.js';
import { type CopyOptionValues, copyDefaults } from '../options.js';

/** How a run behaves: what was given, and the defaults for the rest. */
export function settingsOf(options: CopyOptionValues, traits: TargetTraits): Settings {
  const pace = { rate: options.rate, rateBytes: options.rateBytes };
  const { records, bytes } = pacedBatch(
    pace,
    options.batchSize ?? traits.batchSize,
    options.batchBytes ?? copyDefaults.batchBytes,
  );
  return Object.freeze({
    batchSize: records,
    batchBytes: bytes,
    batchTime: options.batchSize === undefined ? (traits.batchTime ?? null) : null,
    concurrency: concurrencyOf(options, traits),
    adaptive: options.adaptive ?? false,
    breaker: {
      after: options.breakAfter ?? copyDefaults.breakAfter,
      patience: options.breakFor ?? copyDefaults.breakFor,
    },
    retry: {
      retries: options.retries ?? copyDefaults.retries,
      delay: options.retryDelay ?? copyDefaults.retryDelay,
      maxDelay: options.retryMaxDelay ?? copyDefaults.retryMaxDelay,
    },
    timeout: options.timeout ?? copyDefaults.timeout,
    maxErrors: options.maxErrors ?? copyDefaults.maxErrors,
    pace,
    maxDuration: options.maxDuration,
    maxBatches: options.maxBatches,
    limit: options.limit,
    skip: options.skip ?? 0,
  });
}

function concurrencyOf(
  { concurrency = copyDefaults.concurrency }: CopyOptionValues,
  traits: TargetTraits,
): number {
  const { concurrency: most = 1 } = traits;
  if (concurrency <= most) return concurrency;
  const allowed = most === 1 ? 'one batch at a time' : `at most ${most} batches at a time`;
  throw new TrancheError('usage', `--concurrency ${concurrency}: this target takes ${allowed}`, {
    hint: most === 1 ? 'leave --concurrency out' : `give --concurrency ${most} or less`,
  });
}

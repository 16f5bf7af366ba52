import type { TargetTraits } from '../core/target.js';
import type { Settings } from '../engine/job.js';
import { type CopyOptionValues, copyDefaults } from '../options.js';

/** How a run behaves: what was given, and the defaults for the rest. */
export function settingsOf(options: CopyOptionValues, traits: TargetTraits): Settings {
  return Object.freeze({
    batchSize: options.batchSize ?? traits.batchSize,
    batchBytes: options.batchBytes ?? copyDefaults.batchBytes,
    retry: {
      retries: options.retries ?? copyDefaults.retries,
      delay: options.retryDelay ?? copyDefaults.retryDelay,
      maxDelay: options.retryMaxDelay ?? copyDefaults.retryMaxDelay,
    },
    timeout: options.timeout ?? copyDefaults.timeout,
    maxErrors: options.maxErrors ?? copyDefaults.maxErrors,
    pace: { rate: options.rate, rateBytes: options.rateBytes },
    maxDuration: options.maxDuration,
    maxBatches: options.maxBatches,
    limit: options.limit,
    skip: options.skip ?? 0,
  });
}

import { flagOf, type Option } from '../core/options.js';

/** `batchSize` → `TRANCHE_BATCH_SIZE`. */
export function environmentName(name: string, option: Option<unknown>): string {
  return `TRANCHE_${flagOf(name, option).slice(2).replaceAll('-', '_').toUpperCase()}`;
}

import type { Option } from '../core/options.js';

/** `batchSize` → `--batch-size`; an option that turns something off: `checkpoint` → `--no-checkpoint`. */
export function flagOf(name: string, { negative }: Option<unknown>): string {
  return `--${negative ? 'no-' : ''}${kebab(name)}`;
}

/** `batchSize` → `TRANCHE_BATCH_SIZE`. */
export function environmentName(name: string, option: Option<unknown>): string {
  return `TRANCHE_${flagOf(name, option).slice(2).replaceAll('-', '_').toUpperCase()}`;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ioError, TrancheError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { listText } from '../formats/list.js';
import { type CopyOptionValues, copyDefaults, copyOptions, fixedOptions } from '../options.js';

/** The options that decide what is written, as a checkpoint keeps them. */
export type FixedOptions = { readonly [option: string]: Json };

/** The fixed options of a plan that differ from their defaults; a transform is known by its text. */
export async function fixedOptionsOf(options: CopyOptionValues): Promise<FixedOptions> {
  const fixed: Record<string, Json> = {};
  for (const name of fixedOptions) {
    const value = options[name];
    if (value !== undefined && !isDefault(name, value)) fixed[name] = value as Json;
  }
  if (options.transform !== undefined) fixed['transformText'] = await hashOf(options.transform);
  return fixed;
}

/** Rejects with `options_changed` and names each option that is not what the checkpoint says. */
export async function demandSame(was: FixedOptions, is: FixedOptions): Promise<void> {
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  const changed = [...names].filter(name => JSON.stringify(was[name]) !== JSON.stringify(is[name]));
  if (changed.length === 0) return;
  const lines = await Promise.all(
    changed.map(
      async name => `${labelOf(name)}: was ${await shown(was[name])}, now is ${await shown(is[name])}`,
    ),
  );
  throw new TrancheError(
    'options_changed',
    `options that change what is written differ from the checkpoint: ${lines.join('; ')}`,
    {
      hint: 'give the same options as before, or start from the beginning with --fresh',
    },
  );
}

/** Whether a value is what an option is without it. A switch is off unless it is one that is on. */
export function isDefault(name: keyof CopyOptionValues, value: unknown): boolean {
  const option = copyOptions[name];
  if (typeof value === 'boolean') return value === ('negative' in option && option.negative === true);
  const defaults: { readonly [option: string]: unknown } = copyDefaults;
  return JSON.stringify(value) === JSON.stringify(defaults[name]);
}

async function hashOf(path: string): Promise<string> {
  try {
    return `sha256:${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')}`;
  } catch (error) {
    throw ioError('read', path, error);
  }
}

function labelOf(name: string): string {
  if (name === 'transformText') return "the transform's text";
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}

async function shown(value: Json | undefined): Promise<string> {
  if (value === undefined) return 'not given';
  if (Array.isArray(value)) return await listText(value.map(String));
  if (typeof value !== 'object' || value === null) return String(value);
  // Only --rename and --types are maps; each is shown as it is given.
  const { others, declared } = value as {
    readonly others?: Json;
    readonly declared?: { readonly [name: string]: Json };
  };
  if (declared === undefined)
    return await listText(Object.entries(value).map(([from, to]) => `${from}=${to}`));
  return await listText([
    ...Object.entries(declared).map(([name, type]) => `${name}:${type}`),
    String(others),
  ]);
}

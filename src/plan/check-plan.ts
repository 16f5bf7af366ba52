import { inspect } from 'node:util';
import { TrancheError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { flagOf, type Option } from '../core/options.js';
import { redact } from '../core/redact.js';
import { type CopyOptionValues, copyOptions } from '../options.js';
import type { CopyPlan } from './plan.js';

/** Options that contradict each other. */
const contradictions: readonly [keyof CopyOptionValues, keyof CopyOptionValues][] = [
  ['resume', 'fresh'],
  ['resume', 'checkpoint'],
  ['overwrite', 'append'],
];

/**
 * Throws `usage` for a plan that is none: an option that does not exist, a value that an option does not take, options that contradict each other.
 * What a program hands over need not have seen a compiler.
 */
export async function demandPlan(plan: CopyPlan): Promise<void> {
  const { source, target, command: _, ...options } = plan;
  demandPlace('source', source);
  demandPlace('target', target);
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) await demandValue(optionNamed(name), name, value);
  }
  for (const [one, other] of contradictions) {
    if (isOn(plan, one) && isOn(plan, other)) throw contradiction(one, other);
  }
}

function demandPlace(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw wrong(name, 'a place such as orders.csv', value);
}

function optionNamed(name: string): Option<unknown> {
  if (Object.hasOwn(copyOptions, name)) return copyOptions[name as keyof typeof copyOptions];
  throw new TrancheError('usage', `there is no option ${name}${didYouMean(name, Object.keys(copyOptions))}`);
}

async function demandValue(
  { check, parse, secret }: Option<unknown>,
  name: string,
  value: unknown,
): Promise<void> {
  try {
    if (check) check(value);
    else if (typeof value === 'string') await parse(value);
    else throw new TypeError('a text');
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    if (secret) throw new TrancheError('usage', `${name} takes ${error.message}`);
    throw wrong(name, error.message, value);
  }
}

function wrong(name: string, expected: string, value: unknown): TrancheError {
  const got = redact(inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }));
  return new TrancheError('usage', `${name} takes ${expected}, not ${got}`);
}

function isOn(plan: CopyPlan, name: keyof CopyOptionValues): boolean {
  const { negative = false }: Option<unknown> = copyOptions[name];
  return plan[name] === !negative;
}

function contradiction(one: keyof CopyOptionValues, other: keyof CopyOptionValues): TrancheError {
  const [first, second] = [one, other].map(name =>
    flagOf(name, copyOptions[name as keyof typeof copyOptions]),
  );
  return new TrancheError('usage', `${first} and ${second} contradict each other`, {
    hint: 'give one of them',
  });
}

import { TrancheError } from '../../core/errors.js';
import { loadDefault } from '../../modules/load-module.js';
import type { BatchFunction, BatchTarget } from './api.js';

/** Loads the module of a target and checks what it exports. Throws `module`. */
export async function loadBatchTarget(path: string): Promise<BatchTarget> {
  const exported = await loadDefault(path);
  const target = typeof exported === 'function' ? { write: exported as BatchFunction } : exported;
  if (!hasWrite(target)) {
    throw wrong(path, 'has neither a function nor an object with a function write as its default export');
  }
  for (const [property, isRight, expected] of rules) {
    const value = target[property];
    if (value !== undefined && !isRight(value))
      throw wrong(path, `exports ${property} that is not ${expected}`);
  }
  if (target.ledger && (target.concurrency ?? 1) !== 1) {
    throw wrong(path, 'exports a ledger, and concurrency that is not 1: entries have to follow one another');
  }
  return target;
}

type Rule = readonly [keyof BatchTarget, (value: unknown) => boolean, string];

const isFunction = (value: unknown): boolean => typeof value === 'function';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

const rules: readonly Rule[] = [
  ['open', isFunction, 'a function'],
  ['close', isFunction, 'a function'],
  ['batchSize', isCount, 'a whole number of at least 1'],
  ['concurrency', isCount, 'a whole number of at least 1'],
  [
    'guarantee',
    value => value === 'exactly once' || value === 'at least once',
    "'exactly once' or 'at least once'",
  ],
  ['ledger', isLedger, 'an object with the functions recall and record'],
];

function hasWrite(exported: unknown): exported is BatchTarget {
  return isObject(exported) && isFunction(exported['write']);
}

function isLedger(value: unknown): boolean {
  return isObject(value) && isFunction(value['recall']) && isFunction(value['record']);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function wrong(path: string, what: string): TrancheError {
  return new TrancheError('module', `${path} ${what}`, {
    path,
    operation: 'import',
    hint: 'export default async (records, context) => { … }',
  });
}

import type { Counts } from '#tranche/core/checkpoint.js';
import type { Event } from '#tranche/core/events.js';
import { summary } from './summary.js';

/** Counts after so many records of 40 bytes. */
export function counts(read: number, rejected = 0): Counts {
  return { read, written: read - rejected, rejected, filtered: 0, skipped: 0, bytes: read * 40 };
}

/** A run that starts, but for `changes`. */
export function started(changes: Partial<Extract<Event, { type: 'started' }>> = {}): Event {
  return {
    type: 'started',
    job: 'job',
    resumed: false,
    source: 'orders.csv',
    target: 'shop.db#orders',
    guarantee: 'exactly once',
    because: 'rows and checkpoint are committed together',
    checkpoint: '.tranche/job/checkpoint.json',
    counts: counts(0),
    size: { bytes: 40_000 },
    columns: ['id integer'],
    ...changes,
  };
}

/** So many records are done. */
export function progressed(
  read: number,
  size: { bytes?: number; records?: number } = { bytes: 40_000 },
): Event {
  return { type: 'progress', counts: counts(read), size, retries: 0 };
}

/** The end. */
export const ended: Event = { type: 'ended', summary: summary() };

import type { Summary } from '#tranche/core/events.js';

/** The summary of a run that copied five records, but for `changes`. */
export function summary(changes: Partial<Summary> = {}): Summary {
  const counts = { read: 5, written: 5, rejected: 0, filtered: 0, skipped: 0, bytes: 50 };
  return {
    job: 'job',
    status: 'finished',
    nothingNew: false,
    stopped: null,
    error: null,
    counts,
    run: counts,
    retries: 0,
    rejectedBy: {},
    elapsed: 1000,
    elapsedTotal: 1000,
    rejects: null,
    position: null,
    flow: { inFlight: 0, paced: 0, pacedTime: 0, breaks: 0, breakTime: 0 },
    passedOver: null,
    ...changes,
  };
}

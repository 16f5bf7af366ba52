import { isOfKind } from '../core/errors.js';
import type { Delivered, Settlement } from './books.js';
import type { Delivery } from './delivery.js';
import type { Passage } from './frontier.js';
import type { Portion } from './portion.js';
import { bytesOf } from './settle.js';
import { waitForRetry } from './wait-for-retry.js';
import { WriteCall } from './write-call.js';

/** Writes a portion, again and again while what goes wrong is transient. */
export async function attempt(portion: Portion, passage: Passage, how: Delivery): Promise<Delivered> {
  const { signal } = how;
  const { breaker, pace, throttle } = how.traffic;
  const settlement: Settlement = { settled: null };
  let failures = 0;
  const progressed = (): void => {
    failures = 0;
    breaker.answered();
  };
  for (let number = 1; ; number++) {
    await breaker.enter(signal);
    await pace.take(portion.records.count, bytesOf(portion, passage.reached), signal);
    const began = performance.now();
    try {
      const delivered = await once(portion, passage, number, how, settlement, progressed);
      breaker.answered();
      if (number === 1) how.traffic.succeeded(portion, performance.now() - began);
      return delivered;
    } catch (error) {
      if (!isOfKind(error, 'transient')) {
        breaker.answered();
        throw error;
      }
      throttle.failed();
      // While the other side is down altogether it is waited for, and that is no fault of this batch.
      if (breaker.failed(error)) how.retried();
      else await waitForRetry(error, ++failures, how);
    }
  }
}

async function once(
  portion: Portion,
  passage: Passage,
  attempt: number,
  how: Delivery,
  settlement: Settlement,
  progressed: () => void,
): Promise<Delivered> {
  const { target, books } = how;
  const call = new WriteCall(portion, passage, attempt, how, settlement, progressed);
  try {
    const written = await target.write(call);
    return await books.enter(portion, passage, written, attempt, settlement);
  } finally {
    call.end();
  }
}

/** Asks for the next item while whoever iterates is busy with the one before: reading goes on while a target writes. */
export async function* readAhead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = items.next();
      // It may fail before anybody waits for it.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    // Not waited for: what was asked for may never come, from a terminal for one.
    items.return(undefined).catch(() => undefined);
  }
}

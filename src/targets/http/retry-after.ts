/**
 * Milliseconds that `Retry-After` asks to wait: seconds, or a date. A date is compared with the server's own clock (`date`, its header of that name), where it tells it.
 * Undefined for what is neither.
 */
export function retryAfterOf(
  value: string | undefined,
  date: string | undefined,
  now: number = Date.now(),
): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  const until = instantOf(value);
  if (until === undefined) return undefined;
  return Math.max(0, until - (instantOf(date) ?? now));
}

/** The three forms that HTTP knows are all in GMT; one of them does not say it. */
function instantOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  const instant = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(instant) ? undefined : instant;
}

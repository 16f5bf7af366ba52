/** The middle value; the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What several runs of one program come to. RSS is the largest seen. */
export function summarize(runs) {
  const seconds = runs.map(run => run.seconds);
  return {
    runs: runs.length,
    seconds: median(seconds),
    fastest: Math.min(...seconds),
    slowest: Math.max(...seconds),
    rss: largest(runs.map(run => run.rss)),
    cpu: runs[0].cpu === null ? null : median(runs.map(run => run.cpu)),
  };
}

function largest(values) {
  return values.includes(null) ? null : Math.max(...values);
}

/**
 * Code of other people that runs in this process may end it (`process.exit()`): before the run is over that is no success. Answers how to stop watching.
 */
export function watchEarlyExit(): () => void {
  function early(code: number): void {
    if (code !== 0) return;
    process.exitCode = 1;
    process.stderr.write(
      'tranche: code that this run called ended the process (process.exit): the run is not done\n  take the call out; the checkpoint of the job, if there is one, still stands\n',
    );
  }
  process.on('exit', early);
  return () => {
    process.off('exit', early);
  };
}

import { ioError, systemCode } from '../core/errors.js';

/** Writes to stdout and resolves when it is written. A reader that went away is no error; anything else rejects with a TrancheError. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, error => {
      if (!error || systemCode(error) === 'EPIPE') resolve();
      else reject(ioError('write to', 'standard output', error));
    });
  });
}

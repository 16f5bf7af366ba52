import fs from 'node:fs';

/** Makes data and attributes of a file, or the names in a directory, durable. Waits in another thread. */
export function fsync(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fsync(descriptor, error => (error ? reject(error) : resolve()));
  });
}

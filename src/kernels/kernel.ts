import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What is used of it: the types of Node leave it to those of browsers. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/** A number that WebAssembly shows: an address, or what the last call found. */
export interface Shown {
  readonly value: number;
}

/** What every kernel exports. */
export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/** Makes a kernel of its own, with its own memory. Throws where WebAssembly or its vectors are not to be had. */
export function instantiate<T extends Exports>(name: 'csv-scan' | 'csv-write' | 'json-rows'): T {
  // What it leaves in memory is read as it stands there.
  if (endianness() !== 'LE') throw new Error('WebAssembly has its memory in another order of bytes');
  const code = readFileSync(fileURLToPath(import.meta.resolve(`#kernel/${name}`)));
  return new WebAssembly.Instance(new WebAssembly.Module(code)).exports as T;
}

/** What `make` answers, made when it is asked for first; null where that throws, and the work is done in JavaScript: on a processor, or with limits of memory, that do not let WebAssembly be. */
export function whereItCan<T>(make: () => T): () => T | null {
  let made: T | null | undefined;
  return () => {
    if (made === undefined) {
      try {
        made = make();
      } catch {
        made = null;
      }
    }
    return made;
  };
}

import type { Mark } from '../core/position.js';

/** Bytes being appended to a place from which they can be taken back behind a mark. */
export interface Output {
  /** True as long as there is nothing, not even a header. */
  readonly isEmpty: boolean;
  /** Where the output is: everything before it was appended. */
  mark(): Mark;
  /**
   * Appends. The bytes may be reused as soon as the next call answers. Resolves early: an error of the write may come with a later call.
   */
  append(bytes: Buffer): Promise<void>;
  /** Makes durable what was appended before the call. Fails for ever once it failed. */
  sync(): Promise<void>;
  /** `complete`: checks the size, syncs, renames to the final name, syncs the directory. Otherwise leaves everything as it is. May be called twice. */
  close(complete: boolean): Promise<void>;
}

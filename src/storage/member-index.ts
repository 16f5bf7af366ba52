/** A place in a compressed file. */
export interface Waypoint {
  /** Compressed byte at which a member begins (or would begin), and the uncompressed offset of that member's first byte. */
  readonly at: number;
  readonly offset: number;
  /** Compressed bytes before this one hold nothing behind the offset that was asked for: they can be hashed to know the file again. */
  readonly read: number;
}

/** Which compressed bytes belong to which uncompressed offsets, for as long as somebody may ask. */
export class MemberIndex {
  #entries: { readonly from: number; readonly waypoint: Waypoint }[];

  constructor(start: Waypoint) {
    this.#entries = [{ from: start.offset, waypoint: start }];
  }

  /** A member begins at compressed byte `at` and uncompressed byte `offset`. */
  member(at: number, offset: number): void {
    this.#add(offset, { at, offset, read: at });
  }

  /** Inside a member: everything before uncompressed byte `offset` came from before compressed byte `read`. */
  inside(read: number, offset: number): void {
    const { waypoint } = this.#entries.at(-1)!;
    this.#add(offset, { ...waypoint, read });
  }

  /** The newest at or before `offset`. Forgets what is older: later calls ask for the same or a larger offset. */
  newest(offset: number): Waypoint {
    let index = 0;
    while (index + 1 < this.#entries.length && this.#entries[index + 1]!.from <= offset) index++;
    if (index > 0) this.#entries.splice(0, index);
    return this.#entries[0]!.waypoint;
  }

  #add(from: number, waypoint: Waypoint): void {
    if (this.#entries.at(-1)!.from === from) this.#entries.pop(); // empty members must not pile up
    this.#entries.push({ from, waypoint });
  }
}

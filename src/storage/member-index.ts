/** A place in a compressed file from which decompressing can begin. */
export interface Member {
  /** Compressed byte at which a member begins, or would begin. */
  readonly at: number;
  /** Uncompressed offset of its first byte. */
  readonly offset: number;
}

/** The members of a file, for as long as somebody may ask for them. */
export class MemberIndex {
  #members: Member[];

  constructor(first: Member) {
    this.#members = [first];
  }

  add(member: Member): void {
    if (this.#members.at(-1)!.offset === member.offset) this.#members.pop(); // empty members must not pile up
    this.#members.push(member);
  }

  /** The newest at or before `offset`. Forgets what is older: later calls ask for the same or a larger offset. */
  newest(offset: number): Member {
    let index = 0;
    while (index + 1 < this.#members.length && this.#members[index + 1]!.offset <= offset) index++;
    if (index > 0) this.#members.splice(0, index);
    return this.#members[0]!;
  }
}

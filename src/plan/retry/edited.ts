/** A record that was given back. */
export interface Edited {
  /** What it says it is: `r3f2a9c12-17`. */
  readonly id: string;
  readonly raw: Buffer;
  /** Where in the file, for a person: `row 3`. */
  readonly place: string;
}

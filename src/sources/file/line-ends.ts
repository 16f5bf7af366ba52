export const LF = 10;
export const CR = 13;

/** True for a byte that a line can end with. */
export function endsLine(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}

/** True if `bytes[start, end)` is exactly the null text. */
export function isNullText(nullText: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== nullText.length) return false;
  for (let i = 0; i < nullText.length; i++) {
    if (bytes[start + i] !== nullText[i]) return false;
  }
  return true;
}

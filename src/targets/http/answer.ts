/** What a server answered. */
export interface Answer {
  readonly status: number;
  /** Names and values by turns. */
  readonly headers: readonly Buffer[];
  readonly body: Buffer;
  /** True if the body is longer than what was read of it. */
  readonly cut: boolean;
}

/** The first value of a header, whose name is given in lower case. */
export function headerOf({ headers }: Answer, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const found = headers[i]!;
    if (found.length === name.length && found.toString('latin1').toLowerCase() === name)
      return headers[i + 1]!.toString('latin1').trim();
  }
  return undefined;
}

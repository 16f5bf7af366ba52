/** Characters of an answer that a message shows. */
const SHOWN = 300;
/** A part of a value this short is no secret by itself, and may stand anywhere. */
const SHORTEST_PART = 6;
/** How often what is hidden may stand in an answer: in JSON, in a URL, or as it is. */
const spellings: readonly ((secret: string) => string)[] = [
  secret => secret,
  secret => JSON.stringify(secret).slice(1, -1),
  encodeURIComponent,
];

/** Shows what a server said: its beginning, on one line, without control characters, and without secrets that it echoed. */
export class Quotation {
  /** Longest first: a secret may be a part of another one. */
  readonly #hidden: readonly string[];

  /** `secrets`: what must never be shown. Parts of them are hidden too: a token behind `Bearer`, a value of a cookie. */
  constructor(secrets: readonly string[]) {
    const parts = secrets
      .flatMap(secret => secret.split(/[\s,;="]+/))
      .filter(part => part.length >= SHORTEST_PART);
    const all = [...secrets, ...parts].flatMap(secret => spellings.map(spell => spell(secret)));
    this.#hidden = [...new Set(all)].filter(secret => secret !== '').sort((a, b) => b.length - a.length);
  }

  /** Empty for nothing. */
  of(text: string): string {
    let shown = text;
    for (const secret of this.#hidden) shown = shown.replaceAll(secret, '***');
    shown = shown.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
    return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown;
  }
}

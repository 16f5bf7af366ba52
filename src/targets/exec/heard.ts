/** Characters of a command's words that are kept, that an error shows, and that are told of a line. */
const KEPT = 8192;
const SHOWN = 500;
const LONGEST = 1000;

/** What a command says on one of its streams: tells each line as it comes, and keeps the end. Memory is bounded, however much it says. */
export class Heard {
  readonly #tell: (line: string) => void;
  #kept = '';
  #line = '';

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  take(text: string): void {
    this.#kept = (this.#kept + text.slice(-KEPT)).slice(-KEPT);
    const lines = text.split('\n');
    const last = lines.pop()!;
    for (const line of lines) {
      this.#tell((this.#line + line).slice(0, LONGEST));
      this.#line = '';
    }
    this.#line = (this.#line + last).slice(0, LONGEST);
  }

  /** Nothing more will come. */
  finish(): void {
    if (this.#line !== '') this.#tell(this.#line);
    this.#line = '';
  }

  /** The end of it, in one line. */
  get lastWords(): string {
    const lines = this.#kept.split('\n').map(line => line.trim());
    const text = lines.filter(Boolean).join(' / ');
    return text.length > SHOWN ? `…${text.slice(-SHOWN)}` : text;
  }
}

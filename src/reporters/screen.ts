import { clearLine, cursorTo, moveCursor } from 'node:readline';
import { Writable } from 'node:stream';

/** The parts of a stream that a screen needs; `process.stderr` has them. */
export interface ScreenTarget {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is known of the terminal besides its stream. */
export interface ScreenTraits {
  readonly color: boolean;
  /** False: only ASCII is written. */
  readonly unicode: boolean;
}

/** Columns of a terminal that does not say how many it has. */
const USUAL_COLUMNS = 80;

const colors = { red: 31, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const;

const ascii: Readonly<Record<string, string>> = { '→': '->', '…': '...', '·': '-', '–': '-', '×': 'x' };

/**
 * Where people read what happens: lines that stay, and below them at most one line of status that is drawn over and over. A reader who
 * went away (a closed pipe) ends nothing.
 */
export class Screen {
  readonly #target: ScreenTarget;
  readonly traits: ScreenTraits;
  /** True while a line of status is on the screen; whoever draws it draws it again below what is written. */
  hasStatus = false;
  #gone = false;

  constructor(target: ScreenTarget, traits: ScreenTraits) {
    this.#target = target;
    this.traits = traits;
    target.on('error', () => {
      this.#gone = true;
    });
  }

  get columns(): number {
    return this.#target.columns || USUAL_COLUMNS;
  }

  get rows(): number {
    return this.#target.rows || 24;
  }

  /** Writes lines that stay. */
  lines(...texts: readonly string[]): void {
    if (texts.length === 0) return;
    const erase = this.hasStatus ? '\r\x1b[K' : '';
    this.write(`${erase}${texts.join('\n')}\n`);
  }

  /** Writes as it is, but for letters that the terminal does not have. */
  write(text: string): void {
    if (this.#gone) return;
    this.#target.write(this.traits.unicode ? text : text.replace(/[→…·–×]/g, letter => ascii[letter]!));
  }

  paint(color: keyof typeof colors, text: string): string {
    return this.traits.color ? `\x1b[${colors[color]}m${text}\x1b[0m` : text;
  }
}

/** Sequences whose effect would outlive a process that is killed: save and restore the cursor, hold the display. */
const lasting = ['\x1b7', '\x1b8', '\x1b[?2026h', '\x1b[?2026l'];

/** A screen in the form that cli-progress and ora draw on. It lets nothing through that a killed process would leave behind. */
export class StatusStream extends Writable {
  readonly isTTY = true;
  readonly #screen: Screen;

  constructor(screen: Screen) {
    super({ decodeStrings: false });
    this.#screen = screen;
  }

  get columns(): number {
    return this.#screen.columns;
  }

  get rows(): number {
    return this.#screen.rows;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    const text = lasting.reduce((rest, sequence) => rest.replaceAll(sequence, ''), chunk.toString());
    if (text !== '') this.#screen.write(text);
    done();
  }

  cursorTo(column: number): boolean {
    return cursorTo(this, column);
  }

  moveCursor(dx: number, dy: number): boolean {
    return moveCursor(this, dx, dy);
  }

  clearLine(direction: -1 | 0 | 1): boolean {
    return clearLine(this, direction);
  }
}

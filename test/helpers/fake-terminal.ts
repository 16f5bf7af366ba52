import { EventEmitter } from 'node:events';
import { Screen } from '#tranche/reporters/screen.js';

/** A terminal that keeps what is written to it, and shows the lines a person would see. It knows the sequences that are used here. */
export class FakeTerminal extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows = 24;
  written = '';

  constructor(columns = 80) {
    super();
    this.columns = columns;
  }

  write(text: string): boolean {
    this.written += text;
    this.emit('written');
    return true;
  }

  /** The lines that are on the screen now, without those that are empty. */
  get lines(): string[] {
    const screen = { lines: [''], column: 0 };
    const [first = '', ...rest] = this.written.split('\x1b');
    type(screen, first);
    for (const piece of rest) {
      const [sequence = ''] = /^(\[[0-9;?]*[A-Za-z]|[78])/.exec(piece) ?? [];
      obey(screen, sequence);
      type(screen, piece.slice(sequence.length));
    }
    return screen.lines.filter(text => text !== '');
  }

  /** Resolves once the screen looks as `looks` says. */
  async until(looks: (lines: string[]) => boolean): Promise<void> {
    while (!looks(this.lines)) await new Promise(resolve => this.once('written', resolve));
  }
}

/** A screen on a fake terminal. */
export function fakeScreen(columns = 80, unicode = true): { terminal: FakeTerminal; screen: Screen } {
  const terminal = new FakeTerminal(columns);
  return { terminal, screen: new Screen(terminal, { color: false, unicode }) };
}

interface Shown {
  readonly lines: string[];
  column: number;
}

function type(screen: Shown, text: string): void {
  for (const letter of text) {
    const last = screen.lines.length - 1;
    const line = screen.lines[last]!;
    if (letter === '\n') screen.lines.push('');
    if (letter === '\n' || letter === '\r') {
      screen.column = 0;
    } else {
      screen.lines[last] =
        line.padEnd(screen.column).slice(0, screen.column) + letter + line.slice(screen.column + 1);
      screen.column++;
    }
  }
}

/** Moves within the line, and erases it or what is right of the cursor. */
function obey(screen: Shown, sequence: string): void {
  const last = screen.lines.length - 1;
  if (sequence.endsWith('G')) screen.column = Number(sequence.slice(1, -1)) - 1;
  else if (sequence === '[K' || sequence === '[0K') {
    screen.lines[last] = screen.lines[last]!.slice(0, screen.column);
  } else if (sequence === '[2K') screen.lines[last] = '';
}

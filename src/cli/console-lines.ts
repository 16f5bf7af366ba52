import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { Screen } from '../reporters/screen.js';

/** Shows what people's code says to `console` as lines of the screen: records and `--json` alone go to stdout, and a bar is drawn below what is said. */
export function showConsole(screen: Screen): void {
  const lines = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      screen.lines(text.replace(/\n$/, ''));
      done();
    },
  });
  globalThis.console = new Console({ stdout: lines, stderr: lines, colorMode: screen.traits.color });
}

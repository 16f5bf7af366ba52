import { TrancheError } from '../core/errors.js';
import { errorLines } from './error-lines.js';
import { exitCodeOfError } from './exit-codes.js';
import { print } from './output.js';
import { parseWords } from './program.js';
import { resolveValues } from './values.js';

/** Runs the program with the words behind its name. Answers the exit code; every error has been told by then. */
export async function run(words: readonly string[]): Promise<number> {
  // A reader that went away must not look like a defect. Who writes what matters is told of errors by its own write.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  let verbose = words.includes('-v') || words.includes('--verbose');
  try {
    const call = await parseWords(words);
    if ('help' in call) {
      await print(call.help);
      return 0;
    }
    if ('usage' in call) {
      process.stderr.write(call.usage);
      return 2;
    }
    const { command, operands, given } = call;
    const options = await resolveValues(command.options, given, process.env);
    verbose = options['verbose'] === true;
    return await command.run({ operands, options, given, words });
  } catch (error) {
    process.stderr.write(`${errorLines(error, { verbose }).join('\n')}\n`);
    return error instanceof TrancheError ? exitCodeOfError(error.code) : 1;
  }
}

// A module to try `tranche` with: tranche copy fixtures/flights-20k.csv examples/load.mjs
//
// It adds a line for each flight to delays.txt. Put in its place what you do with your records.
import { appendFile } from 'node:fs/promises';

export default async function load(records, context) {
  const lines = records.map(({ origin, destination, delay }) => `${origin}-${destination} ${delay}\n`);
  await appendFile('delays.txt', lines.join(''));
  context.log.info(`batch ${context.batch}: ${records.length} flights from line ${context.start.line} on`);
}

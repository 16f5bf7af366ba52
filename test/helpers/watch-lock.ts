// Looks again and again who holds the lock of the job in the directory given, until its stdin ends; then says how often it looked.
import { lockHolder } from '#tranche/state/lock.js';

const directory = process.argv[2]!;
let looks = 0;
let ended = false;
process.stdin.on('end', () => {
  ended = true;
});
process.stdin.resume();
process.stdout.write('looking\n');
while (!ended) {
  await lockHolder(directory);
  looks++;
  await new Promise(setImmediate);
}
process.stdout.write(`${looks}\n`);

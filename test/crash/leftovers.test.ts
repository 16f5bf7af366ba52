import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary.js';
import { every } from './extent.js';
import {
  copyPlace,
  copyWords,
  demandSame,
  gzip,
  type Kind,
  makePlace,
  ndjson,
  type Result,
  stateOf,
  uninterrupted,
} from './job.js';
import { runProgram } from './program.js';
import { inject, straceMissing } from './strace.js';

const skip = straceMissing();

for (const kind of every ? [ndjson, gzip] : [ndjson]) {
  describe(`what a crash left: ${kind.name}`, { skip, concurrency: 2 }, () => {
    let root: string;
    let expected: Result;
    let killed: string;
    const part = `${kind.file}.part`;

    before(async () => {
      root = await temporaryDirectory();
      expected = await uninterrupted(join(root, 'uninterrupted'), kind);
      killed = await killedMidway(join(root, 'killed'), kind);
    });

    /** Continues the killed job after its files were changed. */
    function survives(what: string, change: (directory: string) => Promise<unknown>): void {
      test(what, async () => {
        const directory = await copyPlace(killed, join(root, what.replaceAll(/\W+/g, '-')));
        await change(directory);
        await demandSame(directory, kind, expected, what);
      });
    }

    /** The job must not be continued. */
    function refuses(what: string, code: number, change: (directory: string) => Promise<unknown>): void {
      test(`${what}: exit ${code}`, async () => {
        const directory = await copyPlace(killed, join(root, what.replaceAll(/\W+/g, '-')));
        await change(directory);
        const before = await contents(directory);
        const ended = await runProgram(directory, copyWords(kind, '--resume'));
        assert.equal(ended.code, code, ended.stderr);
        assert.match(ended.stderr, /--fresh/);
        assert.deepEqual(await contents(directory), before, 'something was changed');
      });
    }

    survives('half a write', async directory => {
      const whole = Buffer.from(expected.target);
      const { bytes } = (await checkpointIn(directory)).target.mark;
      await truncate(join(directory, part), bytes);
      await appendFile(join(directory, part), whole.subarray(bytes, bytes + 25));
    });
    survives('zeros where data should be', directory =>
      appendFile(join(directory, part), Buffer.alloc(5000)),
    );
    survives('rubbish behind the data', directory => appendFile(join(directory, part), '\n}}}"\0\x1f\x8b'));
    survives('half a reject', directory =>
      appendFile(join(stateOf(directory), 'rejects.ndjson'), '{"file":"in'),
    );
    survives('more behind the rejects than will come', directory =>
      appendFile(join(stateOf(directory), 'rejects.ndjson'), 'x'.repeat(20_000)),
    );
    survives('half a line of the journal', directory =>
      appendFile(join(stateOf(directory), 'journal.ndjson'), '{"time":"20'),
    );
    survives('no journal', directory => truncate(join(stateOf(directory), 'journal.ndjson'), 0));
    survives('an empty lock', directory => truncate(join(stateOf(directory), 'lock'), 0));
    survives('half a checkpoint that was not yet in place', async directory => {
      const text = await readFile(join(stateOf(directory), 'checkpoint.json'));
      await writeFile(join(stateOf(directory), 'checkpoint.json.0123456789ab.tmp'), text.subarray(0, 300));
    });
    survives('an empty checkpoint that was not yet in place', directory =>
      writeFile(join(stateOf(directory), 'checkpoint.json.0123456789ab.tmp'), ''),
    );

    refuses('a target shorter than its mark', 5, async directory => {
      const { bytes } = (await checkpointIn(directory)).target.mark;
      await truncate(join(directory, part), bytes - 1);
    });
    refuses('a target with other bytes before its mark', 5, async directory => {
      const { bytes } = (await checkpointIn(directory)).target.mark;
      await writeFile(join(directory, part), Buffer.alloc(bytes, 'x'));
    });
    refuses('rejects shorter than the checkpoint says', 5, directory =>
      truncate(join(stateOf(directory), 'rejects.ndjson'), 10),
    );
    refuses('an empty checkpoint', 8, directory => truncate(join(stateOf(directory), 'checkpoint.json'), 0));
    refuses('a torn checkpoint', 8, directory => truncate(join(stateOf(directory), 'checkpoint.json'), 700));
    refuses('a checkpoint with a bit flipped', 8, async directory => {
      const bytes = await readFile(join(stateOf(directory), 'checkpoint.json'));
      const at = bytes.indexOf('"read"') + '"read": '.length;
      bytes[at] = bytes[at]! ^ 1;
      await writeFile(join(stateOf(directory), 'checkpoint.json'), bytes);
    });

    const beginnings: Readonly<Record<string, (directory: string) => Promise<unknown>>> = {
      'the state directory alone': directory => mkdir(join(directory, 'state')),
      "the job's directory alone": directory => mkdir(stateOf(directory), { recursive: true }),
      'an empty lock alone': directory => leave(directory, 'lock'),
      'a temporary checkpoint alone': directory => leave(directory, 'checkpoint.json.0123456789ab.tmp'),
      'an empty .part': directory => writeFile(join(directory, part), ''),
    };
    for (const [what, make] of Object.entries(beginnings)) {
      test(`a start with ${what}`, async () => {
        const directory = await makePlace(join(root, what.replaceAll(/\W+/g, '-')));
        await make(directory);
        await demandSame(directory, kind, expected, what);
      });
    }
  });
}

/** A run that was killed with some checkpoints made, data behind the newest of them, and rejects. */
async function killedMidway(directory: string, kind: Kind): Promise<string> {
  await makePlace(directory);
  const { killed } = await inject(directory, copyWords(kind), {
    call: 'rename',
    when: 4,
    what: 'signal=SIGKILL',
  });
  assert.ok(killed);
  const { target, rejects } = await checkpointIn(directory);
  assert.ok(target.mark.bytes > 0 && rejects.bytes > 0);
  return directory;
}

async function checkpointIn(directory: string) {
  return JSON.parse(await readFile(join(stateOf(directory), 'checkpoint.json'), 'utf8'));
}

async function leave(directory: string, name: string): Promise<void> {
  await mkdir(stateOf(directory), { recursive: true });
  await writeFile(join(stateOf(directory), name), '');
}

/** Input, target and checkpoint: rejects that no checkpoint knows may be cut off before the target is looked at. */
async function contents(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const at of [directory, stateOf(directory)]) {
    for (const name of (await readdir(at)).filter(name => /^(in|out|checkpoint\.json$)/.test(name))) {
      found[name] = (await readFile(join(at, name))).toString('hex');
    }
  }
  return found;
}

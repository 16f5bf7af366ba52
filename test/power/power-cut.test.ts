import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { every } from '../crash/extent.js';
import {
  copyWords,
  demandSame,
  gzip,
  type Kind,
  makePlace,
  ndjson,
  type Result,
  resultIn,
  sqlite,
  uninterrupted,
} from '../crash/job.js';
import { quietCalls, quietSeries, sample } from '../crash/points.js';
import { runProgram } from '../crash/program.js';
import { type Injection, inject, straceMissing, trace } from '../crash/strace.js';
import { temporaryDirectory } from '../helpers/temporary.js';
import { cutPower, type Mounted, makeImage, mount, mountMissing, settle } from './image.js';

/** Cuts for each target. */
const SAMPLE = 25;

const skip = every ? straceMissing() || (await mountMissing()) : 'npm run test:power runs it';

for (const [number, kind] of [ndjson, gzip, sqlite].entries()) {
  describe(`the power goes while writing ${kind.name}`, { skip }, () => {
    let root: string;
    let expected: Result;
    let points: readonly Injection[];

    before(async () => {
      root = await temporaryDirectory();
      expected = await uninterrupted(join(root, 'uninterrupted'), kind);
      const directory = await makePlace(join(root, 'traced'));
      const { calls } = await trace(directory, copyWords(kind));
      // Flushes too: whether one was made is what a power cut shows.
      const series = quietCalls.map(call => quietSeries(call, calls));
      points = sample(series, SAMPLE, number / 3);
    });

    test('at many points', async () => {
      for (const point of points) await survives(point, kind);
    });

    test('at the end: what was done stays done', async () => {
      const disk = await newDisk('end');
      const place = await placeOn(disk);
      const { code, stderr } = await runProgram(place, copyWords(kind));
      assert.equal(code, 3, stderr);
      await afterCut(disk, 'end', async directory => {
        assert.deepEqual(await resultIn(directory, kind), expected);
        const again = await runProgram(directory, copyWords(kind, '--resume'));
        assert.match(again.stderr, /nothing new/);
      });
    });

    async function survives(point: Injection, kind: Kind): Promise<void> {
      const name = `${point.call}-${point.when}`;
      const disk = await newDisk(name);
      const place = await placeOn(disk);
      await inject(place, copyWords(kind), point);
      await afterCut(disk, name, directory =>
        demandSame(directory, kind, expected, `power cut before ${name}`),
      );
    }

    async function newDisk(name: string): Promise<Mounted> {
      const image = await makeImage(join(root, `${name}.image`));
      return mount(image, join(root, `${name}.mounted`));
    }

    /** Shows `look` what is there when the power is back. */
    async function afterCut(
      disk: Mounted,
      name: string,
      look: (directory: string) => Promise<void>,
    ): Promise<void> {
      const copy = await cutPower(disk.image, join(root, `${name}.cut`));
      await disk.unmount();
      const back = await mount(copy, join(root, `${name}.back`));
      try {
        await look(join(back.directory, 'job'));
      } finally {
        await back.unmount();
      }
    }
  });
}

/** The input of the job, durable on a disk. */
async function placeOn(disk: Mounted): Promise<string> {
  const place = await makePlace(join(disk.directory, 'job'));
  await settle(disk);
  return place;
}

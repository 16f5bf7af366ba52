import { tableOptions, targetDefaults } from '../options.js';
import type { TargetKind } from '../target-kind.js';
import { parseSqliteSpec } from './spec.js';
import { SqliteTarget } from './sqlite-target.js';

/** `sqlite:FILE#table`. */
export const sqliteTarget: TargetKind = {
  accepts: spec => spec.startsWith('sqlite:'),
  options: () => tableOptions,
  create: async (spec, { options }) =>
    new SqliteTarget({
      ...parseSqliteSpec(spec, options.table),
      mode: options.mode ?? targetDefaults.mode,
      onConflict: options.onConflict ?? targetDefaults.onConflict,
      key: options.key ?? null,
    }),
};

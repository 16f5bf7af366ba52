import { tableOptions, targetDefaults } from '../options.js';
import type { TargetKind } from '../target-kind.js';
import { parseSqliteSpec } from './spec.js';

/** `sqlite:FILE#table`. */
export const sqliteTarget: TargetKind = {
  accepts: spec => spec.startsWith('sqlite:'),
  options: () => tableOptions,
  create: async (spec, { options }) => {
    // Loaded when it is needed: most jobs have no use for it.
    const { SqliteTarget } = await import('./sqlite-target.js');
    return new SqliteTarget({
      ...parseSqliteSpec(spec, options.table),
      mode: options.mode ?? targetDefaults.mode,
      onConflict: options.onConflict ?? targetDefaults.onConflict,
      key: options.key ?? null,
    });
  },
};

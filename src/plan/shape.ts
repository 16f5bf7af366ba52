import type { Checkpoint } from '../core/checkpoint.js';
import type { Column, OutputColumn } from '../core/columns.js';
import type { Report } from '../core/events.js';
import type { Source } from '../core/source.js';
import type { Target } from '../core/target.js';
import { chooseColumns } from '../formats/type-choice.js';
import { copyDefaults } from '../options.js';
import { outputColumns } from './columns.js';
import type { CopyPlan } from './plan.js';

/** What records look like on their way. */
export interface Shape {
  /** The source's columns; none if nobody looks at them. */
  readonly columns: readonly Column[];
  /** Those selected, under their new names: what a transform gets. */
  readonly projected: readonly OutputColumn[];
  /** What the target gets; null if only the transform's records will tell. */
  readonly output: readonly OutputColumn[] | null;
}

/** Columns and types: those of the checkpoint, or those of a sample. */
export async function shapeOf(
  plan: CopyPlan,
  source: Source,
  target: Target,
  before: Checkpoint | null,
  signal: AbortSignal,
  report: Report,
): Promise<Shape> {
  // As long as no record was read nothing could be learnt from a sample.
  const known = before && before.counts.read > 0;
  const columns = known ? before.columns : await describe(plan, source, target, signal, report);
  const projected = outputColumns(columns, plan.select, plan.rename);
  const made = plan.transform !== undefined && target.traits.fixedColumns;
  return { columns, projected, output: made ? (before?.output ?? null) : projected };
}

async function describe(
  plan: CopyPlan,
  source: Source,
  target: Target,
  signal: AbortSignal,
  report: Report,
): Promise<readonly Column[]> {
  if (!needsColumns(plan, source, target)) return [];
  report({ type: 'phase', what: 'looking at the input' });
  const { columns, notes } = await source.describe(signal);
  report({ type: 'phase', what: null });
  for (const message of notes) report({ type: 'warning', message });
  const names = columns.map(({ name }) => name);
  const types = columns.map(({ type }) => type);
  return chooseColumns(names, types, plan.types ?? copyDefaults.types);
}

/** Records of JSON go through a transform with all the keys they have, unless some were chosen. */
function needsColumns(
  { transform, select, rename, types }: CopyPlan,
  source: Source,
  target: Target,
): boolean {
  if (!target.traits.cells) return false;
  const whole = source.format === 'ndjson' && transform !== undefined;
  return !whole || [select, rename, types].some(option => option !== undefined);
}

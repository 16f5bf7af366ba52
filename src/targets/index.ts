import type { Target } from '../core/target.js';
import { execTarget } from './exec/index.js';
import { fileTarget } from './file/index.js';
import { httpTarget } from './http/index.js';
import { moduleTarget } from './module/index.js';
import { mysqlTarget } from './mysql/index.js';
import { noneTarget } from './none-target.js';
import { postgresTarget } from './postgres/index.js';
import { sqliteTarget } from './sqlite/index.js';
import { stdoutTarget } from './stdout-target.js';
import type { TargetContext, TargetKind } from './target-kind.js';

/** Every kind of target; the first that accepts is taken. A file accepts anything. */
export const targets: readonly TargetKind[] = [
  noneTarget,
  sqliteTarget,
  postgresTarget,
  mysqlTarget,
  httpTarget,
  stdoutTarget,
  execTarget,
  moduleTarget,
  fileTarget,
];

/** The target that a person named. */
export async function createTarget(spec: string, context: TargetContext): Promise<Target> {
  return await targetKindOf(spec).create(spec, context);
}

/** The kind of target that a name stands for. */
export function targetKindOf(spec: string): TargetKind {
  return targets.find(({ accepts }) => accepts(spec))!;
}

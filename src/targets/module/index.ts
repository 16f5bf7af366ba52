import type { Report } from '../../core/events.js';
import type { TargetTraits } from '../../core/target.js';
import { flightOptionsFor } from '../options.js';
import type { TargetContext, TargetKind } from '../target-kind.js';
import type { BatchTarget, ModuleLog } from './api.js';
import { loadBatchTarget } from './load.js';
import { ModuleTarget } from './module-target.js';

/** A module of the person's own, known by the ending of its name. */
export const moduleTarget: TargetKind = {
  accepts: spec => /\.[mc]?[jt]s$/i.test(spec),
  options: (spec, given) => flightOptionsFor(spec, given),
  create,
};

async function create(spec: string, context: TargetContext): Promise<ModuleTarget> {
  const module = await loadBatchTarget(spec);
  return new ModuleTarget({
    name: spec,
    module,
    traits: traitsOf(module, context),
    log: logOf(context.report),
    timeout: context.timeout,
  });
}

function traitsOf(module: BatchTarget, { sourceFormat, reshaped }: TargetContext): TargetTraits {
  const { ledger, guarantee, batchSize = 1000, concurrency = Number.POSITIVE_INFINITY } = module;
  const because = ledger
    ? 'the module stores each batch and its checkpoint in one transaction'
    : 'a batch that is in flight when a run ends is handed to the module again';
  const claimed = !ledger && guarantee === 'exactly once';
  return {
    guarantee: guarantee ?? (ledger ? 'exactly once' : 'at least once'),
    because: claimed ? 'the module says so' : because,
    batchSize,
    // JSON is handed over with all the keys it has, unless some were chosen.
    cells: sourceFormat !== 'ndjson' || reshaped,
    fixedColumns: false,
    keyedByBatch: true,
    ...(ledger ? {} : { concurrency }),
  };
}

function logOf(report: Report): ModuleLog {
  return {
    info: message => report({ type: 'log', message: String(message) }),
    warn: message => report({ type: 'warning', message: String(message) }),
  };
}

/** The library: what the command line is made of. See `copy`. */
export { type CopyHooks, type CopyPlan, copy } from './copy.js';
export type { ReasonCode } from './core/batch.js';
export type { Checkpoint, Counts, JobStatus } from './core/checkpoint.js';
export { type ErrorCode, type ErrorKind, TrancheError } from './core/errors.js';
export type { Event, Report, StopReason, Summary } from './core/events.js';
export type { Location } from './core/position.js';
export type { RecordObject } from './core/records.js';
export type { Reject } from './core/reject.js';
export type { Transform, TransformContext, Transformed } from './core/transform.js';
export { type RetryPlan, retryRejects } from './retry-rejects.js';
export { type Rejection, RejectRecords, RetryLater } from './targets/module/answers.js';
export type {
  BatchContext,
  BatchFunction,
  BatchTarget,
  ModuleLedger,
  ModuleLog,
  OpenContext,
} from './targets/module/api.js';

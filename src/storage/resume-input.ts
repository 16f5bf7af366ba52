import type { JsonObject } from '../core/json.js';
import type { Progressing } from '../core/source.js';
import type { Input } from './input.js';

/** Where and how to go on in an input that cannot simply be sought. */
export interface ResumeInput {
  /** In the uncompressed bytes. */
  readonly offset: number;
  /** What {@link Input.waypoint} answered for this offset; null where nothing is known. */
  readonly waypoint: JsonObject | null;
  readonly progressing: Progressing;
  /** Aborted while bytes are passed over: the opening rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** An input that has to pass over bytes to come to where it is to go on. */
export interface WindableInput extends Input {
  windForward(resume: ResumeInput): Promise<void>;
}

/** The input, wound forward; closed if that fails. */
export async function wound(input: WindableInput, resume: ResumeInput): Promise<Input> {
  try {
    await input.windForward(resume);
  } catch (error) {
    await input.close();
    throw error;
  }
  return input;
}

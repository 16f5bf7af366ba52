import type { Checkpoint } from '../../core/checkpoint.js';

/** What a reject is called outside: its number, and which start of the job it is of. No spreadsheet takes it for a number or a date. */
export function rejectId({ id }: Checkpoint, number: number): string {
  return `r${id.slice(0, 8)}-${number}`;
}

/** The number of a reject; null if the text is no name of a reject of this start of the job. */
export function rejectNumber(job: Checkpoint, text: string): number | null {
  const number = Number(/-([1-9]\d*)$/.exec(text)?.[1]);
  return text === rejectId(job, number) ? number : null;
}

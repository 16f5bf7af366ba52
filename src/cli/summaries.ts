/** What each command does, in a line. */
export const summaries = {
  copy: 'Copy records from SOURCE to TARGET in batches, with a checkpoint after each',
  status: 'Show every job, or one: how far it is and whether it runs',
  rejects: 'Show the rejects of a job, or export them to be edited',
  'retry-rejects': 'Send the rejects of a finished job again through its target',
  checkpoint: 'Show or forget the checkpoint of a job',
  'checkpoint show': 'Show the checkpoint of a job in words',
  'checkpoint rm': 'Forget a job: its checkpoint, rejects and journal',
  completion: 'Print the completion script of a shell',
} as const;

/** The words that call a command. */
export type CommandName = keyof typeof summaries;

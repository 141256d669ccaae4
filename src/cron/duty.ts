/** Something that happens because time passes. It asks an index what is due, so its cost is what is due, never history. */
export interface Duty {
  name: string;
  intervalMs: number;
  /** Also once before the server listens, alone with its database: the recovery of what a killed process did not finish. */
  atStart?: (now: number) => Promise<unknown>;
  /** One round. Safe to be repeated, to be cut off at any point, and to be run by several processes at once. */
  run(now: number): Promise<unknown>;
}

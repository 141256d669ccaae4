/** How many were handled, and those that could not be: one broken job stops no other (security REL-26). */
export interface Sweep {
  done: number;
  broken: { id: number; error: unknown }[];
}

/** Handles each of them, those after a broken one too. */
export async function sweep(ids: readonly number[], work: (id: number) => Promise<void>): Promise<Sweep> {
  const result: Sweep = { done: 0, broken: [] };
  for (const id of ids) {
    try {
      await work(id);
      result.done++;
    } catch (error) {
      result.broken.push({ id, error });
    }
  }
  return result;
}

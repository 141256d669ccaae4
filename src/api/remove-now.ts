import { refuse } from './errors.ts';
import type { InputShape } from './input.ts';

/** What `DELETE` of a project or group takes besides its id (rest-resources 1.7). */
export const REMOVAL_INPUT = {
  permanently_remove: { type: 'boolean', default: false },
  full_path: { type: 'string' },
} as const satisfies InputShape;

/** Refuses to remove at once what was not marked before, or whose whole path was not given to be sure (rest-resources 1.7). */
export function requireRemovable(
  what: 'Project' | 'Group',
  { markedForDeletionAt, fullPath }: { markedForDeletionAt: number | null; fullPath: string },
  given: string | undefined,
): void {
  if (markedForDeletionAt === null) {
    throw refuse.badRequestText(`${what} must be marked for deletion first.`);
  }
  if (given !== fullPath) {
    throw refuse.badRequestText(
      `\`full_path\` is incorrect. You must enter the complete path for the ${what.toLowerCase()}.`,
    );
  }
}

import { useReading } from './reading.ts';

/** Names of a project's branches or tags to choose from, a hundred at most. */
export function useRefNames({ id }: { id: number }, kind: 'branches' | 'tags'): string[] {
  const refs = useReading<{ name: string }[]>(`/projects/${id}/repository/${kind}`, { per_page: 100 });
  return (refs.value ?? []).map(({ name }) => name);
}

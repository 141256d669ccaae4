import type { ComponentChildren } from 'preact';

/** What stands where nothing is yet: what it would be, and how to get the first one. */
export function EmptyState({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty-state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

import type { ComponentChildren } from 'preact';

/** One subject of a page of settings. */
export function Section({
  title,
  lead,
  children,
}: {
  title: string;
  /** What it decides. */
  lead?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section>
      <h2>{title}</h2>
      {lead === undefined ? null : <p class="lead">{lead}</p>}
      {children}
    </section>
  );
}

import type { ComponentChildren } from 'preact';
import './section.css';

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
    <section class="section">
      <h2>{title}</h2>
      {lead === undefined ? null : <p class="lead">{lead}</p>}
      {children}
    </section>
  );
}

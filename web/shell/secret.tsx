import type { ComponentChildren } from 'preact';
import { Commands } from './commands.tsx';
import './secret.css';

/** A secret that the server shows once: to be copied now. */
export function Secret({
  title,
  text,
  children,
  onDone,
}: {
  title: string;
  text: string;
  children?: ComponentChildren;
  onDone(): void;
}) {
  return (
    <section class="secret" role="status">
      <h2>{title}</h2>
      <p>Copy it now: it is not shown again.</p>
      <Commands lines={[text]} />
      {children}
      <p class="actions">
        <button type="button" onClick={onDone}>
          Done
        </button>
      </p>
    </section>
  );
}

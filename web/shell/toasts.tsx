import { signal } from '@preact/signals';
import type { Problem } from '../api/client.ts';
import { Icon } from './icon.tsx';

interface Toast {
  id: number;
  kind: 'done' | 'problem';
  text: string;
  advice: string;
}

/** How long a message of success stays, milliseconds; a problem stays until it is closed. */
const SHOWN_MS = 4000;

const toasts = signal<readonly Toast[]>([]);
let last = 0;

function add(toast: Omit<Toast, 'id'>): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-3), { id, ...toast }];
  if (toast.kind === 'done') setTimeout(() => remove(id), SHOWN_MS);
}

function remove(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Says that something was done. */
export function toastDone(text: string): void {
  add({ kind: 'done', text, advice: '' });
}

/** Says why something was not done and what to do next; silent about what the reader cancelled. */
export function toastProblem(problem: Problem): void {
  if (problem.kind !== 'cancelled') add({ kind: 'problem', text: problem.text, advice: problem.advice });
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.kind}`}>
          <Icon name={toast.kind === 'done' ? 'check' : 'warning'} />
          <div>
            <strong>{toast.text}</strong>
            {toast.advice === '' ? null : <p>{toast.advice}</p>}
          </div>
          <button type="button" class="quiet icon-only" aria-label="Dismiss" onClick={() => remove(toast.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}

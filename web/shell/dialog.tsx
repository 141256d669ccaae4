import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';

interface DialogProps {
  title: string;
  children: ComponentChildren;
  /** Escape, the close button or a click beside it. */
  onClose(): void;
}

/** A dialog over the page while it is rendered: keeps the focus inside and gives it back. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={element}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="quiet icon-only" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  /** What will be lost or changed. */
  text: string;
  /** The verb on the button. */
  action: string;
  /** What the other button says; `Keep` suits what would be lost. */
  back?: string;
  /** Something is lost that does not come back. */
  danger?: boolean;
}

const asked = signal<(Question & { answer(yes: boolean): void }) | null>(null);

/** Asks before something is lost; false when the reader thinks better of it. */
export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}

export function Confirmation() {
  const question = asked.value;
  if (question === null) return null;
  return (
    <Dialog title={question.title} onClose={() => question.answer(false)}>
      <p>{question.text}</p>
      <footer>
        <button type="button" onClick={() => question.answer(false)}>
          {question.back ?? 'Keep'}
        </button>
        <button
          type="button"
          class={question.danger ? 'danger' : 'primary'}
          onClick={() => question.answer(true)}
        >
          {question.action}
        </button>
      </footer>
    </Dialog>
  );
}

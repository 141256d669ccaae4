import { useRef } from 'preact/hooks';

export interface Mark {
  /** From 1. */
  line: number;
  severity: 'error' | 'warning';
  text: string;
}

/** A field for a text file: its lines are numbered, and those with something to say are marked. */
export function CodeField({
  text,
  marks,
  label,
  readOnly,
  onChange,
}: {
  text: string;
  marks: readonly Mark[];
  label: string;
  readOnly: boolean;
  onChange(text: string): void;
}) {
  const gutter = useRef<HTMLOListElement>(null);
  const byLine = new Map<number, Mark>();
  for (const mark of marks) {
    if (byLine.get(mark.line)?.severity !== 'error') byLine.set(mark.line, mark);
  }
  const lines = text.split('\n').length;
  return (
    <div class="code-field">
      <ol ref={gutter} aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => {
          const mark = byLine.get(index + 1);
          return (
            <li key={index} class={mark?.severity} title={mark?.text}>
              {index + 1}
            </li>
          );
        })}
      </ol>
      <textarea
        id="ci-config"
        class="mono"
        aria-label={label}
        wrap="off"
        spellcheck={false}
        readOnly={readOnly}
        value={text}
        onScroll={({ currentTarget }) => {
          if (gutter.current !== null) gutter.current.scrollTop = currentTarget.scrollTop;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.isComposing) indent(event);
        }}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </div>
  );
}

/** A new line begins where the one before began; `insertText` keeps the browser's own undo. */
function indent(event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }): void {
  const { value, selectionStart } = event.currentTarget;
  const line = value.slice(value.lastIndexOf('\n', selectionStart - 1) + 1, selectionStart);
  const spaces = /^ */.exec(line)?.[0] ?? '';
  if (spaces === '') return;
  event.preventDefault();
  document.execCommand('insertText', false, `\n${spaces}`);
}

/** Puts the cursor on a line of the field, in sight. */
export function goToLine(line: number): void {
  const field = document.querySelector<HTMLTextAreaElement>('#ci-config');
  if (field === null) return;
  const lines = field.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  field.scrollTop = (field.scrollHeight / lines.length) * Math.max(0, line - 6);
}

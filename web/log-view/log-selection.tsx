import { putOnClipboard } from '../shell/copy-button.tsx';
import { Icon } from '../shell/icon.tsx';
import { toastDone, toastProblem } from '../shell/toasts.tsx';
import { hashOfLines, type LineRange } from './line-link.ts';
import type { LogModel } from './log-model.ts';

/** Lines that are copied at once. */
const MAX_COPIED = 10_000;

/** Selects lines, or none; the address says which. */
export function select(model: LogModel, lines: LineRange | null): void {
  model.selected.value = lines;
  history.replaceState(null, '', lines === null ? location.pathname + location.search : hashOfLines(lines));
}

/** Puts the text of the selected lines on the clipboard. */
export async function copySelected(model: LogModel): Promise<void> {
  const lines = model.selected.value;
  if (lines === null) return;
  const text = await model.source.text(lines.first, Math.min(lines.last, lines.first + MAX_COPIED - 1));
  told(text !== null && (await putOnClipboard(text)), 'The lines are copied');
}

async function copyAddress(): Promise<void> {
  told(await putOnClipboard(location.href), 'The address of the lines is copied');
}

function told(done: boolean, text: string): void {
  if (done) toastDone(text);
  else
    toastProblem({
      kind: 'failed',
      status: 0,
      text: 'Nothing was copied.',
      advice: 'Select the text and copy it.',
    });
}

/** What can be done with the lines that are selected. */
export function Selected({ model }: { model: LogModel }) {
  const lines = model.selected.value;
  if (lines === null) return null;
  const count = lines.last - lines.first + 1;
  return (
    <div class="log-selected">
      <span>{count === 1 ? `Line ${lines.first + 1}` : `${count.toLocaleString()} lines`}</span>
      <button type="button" class="quiet small" onClick={() => void copySelected(model)} title="Copy (c)">
        <Icon name="copy" /> Copy
      </button>
      <button type="button" class="quiet small" onClick={() => void copyAddress()}>
        <Icon name="link" /> Address
      </button>
      <button
        type="button"
        class="quiet small icon-only"
        aria-label="Select nothing"
        title="Select nothing (Escape)"
        onClick={() => select(model, null)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

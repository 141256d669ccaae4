import './ansi.css';
import './log-view.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { hash } from '../router.ts';
import { Icon } from '../shell/icon.tsx';
import { useKeys } from '../shell/keyboard.ts';
import { ProblemNote } from '../shell/problem.tsx';
import { hashOfLines, linesOfHash } from './line-link.ts';
import { type LoggedJob, LogModel, wrapping } from './log-model.ts';
import { LogRow } from './log-row.tsx';
import { copySelected, Selected, select } from './log-selection.tsx';
import { LogToolbar, nextTimestamps, toggleWrapping } from './log-toolbar.tsx';
import { addPalette } from './palette.ts';

addPalette();

interface LogViewProps {
  job: LoggedJob;
  /** Addresses of the log itself. */
  raw: string;
  download: { address: string; filename: string };
  /** What stands where a log without a line would be. */
  empty: ComponentChildren;
}

/** The log of a job: of any length, in colours, with its sections, as it grows. */
export function LogView({ job, raw, download, empty }: LogViewProps) {
  const model = useMemo(() => new LogModel(job, linesOfHash(location.hash)), [job.projectId, job.id]);
  useEffect(() => () => model.close(), [model]);
  useEffect(() => {
    const lines = linesOfHash(hash.value);
    const { selected } = model;
    if (lines === null || (selected.value !== null && hashOfLines(lines) === hashOfLines(selected.value)))
      return;
    selected.value = lines;
    model.show(lines.first);
  }, [hash.value]);
  useLogKeys(model);
  const problem = model.source.problem.value;
  if (problem !== null) return <ProblemNote problem={problem} onRetry={() => model.source.retry()} />;
  const index = model.source.index.value;
  return (
    <section class={`log ${wrapping.value === 'on' ? 'is-wrapped' : ''}`} aria-label={`Log of ${job.name}`}>
      <LogToolbar model={model} raw={raw} download={download} />
      {index !== null && index.lines === 0 ? (
        <div class="log-empty">{empty}</div>
      ) : (
        <Lines model={model} job={job} />
      )}
    </section>
  );
}

/** The rows in sight, in an element as tall as the log. */
function Lines({ model, job }: { model: LogModel; job: LoggedJob }) {
  const scroller = useRef<HTMLElement>(null);
  const spacer = useRef<HTMLDivElement>(null);
  const block = useRef<HTMLDivElement>(null);
  const { view } = model;
  useLayoutEffect(() => view.attach(scroller.current!, spacer.current!), [view]);
  const { first, last, top } = view.window.value;
  const rows = model.rows.value;
  void model.source.changes.value;
  useLayoutEffect(() => {
    block.current!.style.transform = `translateY(${top}px)`;
    if (wrapping.value !== 'on') return;
    const shown = [...block.current!.children] as HTMLElement[];
    view.measure(
      shown.map((element) => ({ row: Number(element.dataset.logRow), height: element.offsetHeight })),
    );
  });
  useEffect(() => view.replace(rows.count, view.topRow.peek()), [wrapping.value]);
  const shown: number[] = [];
  for (let row = first; row <= Math.min(last, rows.count - 1); row++) shown.push(row);
  const running = model.source.index.value?.ended === false;
  return (
    <div class="log-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled is reached by the keyboard */}
      <section class="log-scroller" ref={scroller} tabIndex={0} aria-label="Lines of the log">
        <div class="log-spacer" ref={spacer}>
          <div class="log-rows" ref={block}>
            {shown.map((row) => {
              const line = rows.lineOf(row);
              const known = model.source.line(line);
              return (
                <LogRow
                  key={line}
                  model={model}
                  row={row}
                  line={line}
                  known={known}
                  startedAt={job.startedAt}
                />
              );
            })}
          </div>
        </div>
      </section>
      <Around model={model} />
      <Selected model={model} />
      {running && !view.following.value ? (
        <button type="button" class="log-follow" title="End" onClick={() => view.follow()}>
          <Icon name="end" /> Follow
        </button>
      ) : null}
    </div>
  );
}

/** The section that what is in sight is part of, once its own first line is above. */
function Around({ model }: { model: LogModel }) {
  const line = model.topLine;
  const section = model.sections.value.findLast((one) => one.first_line < line && line <= one.last);
  if (section === undefined || model.shut.value.has(section.first_line)) return null;
  return (
    <button
      type="button"
      class="log-around"
      onClick={() => model.show(section.first_line)}
      title="To its first line"
    >
      <Icon name="up" />
      <span class="clip">{section.header === '' ? section.name : section.header}</span>
    </button>
  );
}

function useLogKeys(model: LogModel): void {
  const { view, search, errors } = model;
  const selectLines = (first: number, last: number) => {
    select(model, { first: Math.max(0, first), last: Math.min(last, model.lines.value - 1) });
    model.show(Math.min(last, model.lines.value - 1));
  };
  const extend = (by: number) => {
    const { selected } = model;
    if (selected.value === null) selectLines(model.topLine, model.topLine);
    else selectLines(selected.value.first, Math.max(selected.value.first, selected.value.last + by));
  };
  useKeys('Log', [
    { keys: 'n', text: 'Next match', run: () => void search.step(1, model.topLine, model.show) },
    { keys: 'N', text: 'Previous match', run: () => void search.step(-1, model.topLine, model.show) },
    { keys: 'e', text: 'Next error', run: () => void errors.step(1, model.topLine, model.show) },
    { keys: 'E', text: 'Previous error', run: () => void errors.step(-1, model.topLine, model.show) },
    { keys: 'End', text: 'To the end, and follow it', run: () => view.follow() },
    { keys: 'Home', text: 'To the start', run: () => view.toStart() },
    { keys: 'ArrowDown', text: 'Some lines on', run: () => view.step(3) },
    { keys: 'ArrowUp', text: 'Some lines back', run: () => view.step(-3) },
    { keys: 'PageDown', text: 'A page on', run: () => view.page(1) },
    { keys: 'PageUp', text: 'A page back', run: () => view.page(-1) },
    { keys: 's', text: 'Timestamps: off, since the start, time of day', run: nextTimestamps },
    { keys: 'w', text: 'Wrap long lines', run: toggleWrapping },
    { keys: 'a', text: 'Shut or open all sections', run: () => model.toggleAll() },
    { keys: 'J', text: 'Select the line at the top, then more below', run: () => extend(1) },
    { keys: 'K', text: 'Select fewer', run: () => extend(-1) },
    { keys: 'c', text: 'Copy the selected lines', run: () => void copySelected(model) },
    { keys: 'Escape', text: 'Select nothing', run: () => select(model, null) },
  ]);
}

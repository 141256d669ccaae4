import type { ComponentChildren } from 'preact';
import { Icon } from '../shell/icon.tsx';
import { clock, now } from '../time.tsx';
import type { ShownLine } from './blocks.ts';
import { type Match, markSpans, matchesIn } from './highlight.ts';
import { MAX_SHOWN } from './line.ts';
import { clickedLines } from './line-link.ts';
import { type LogModel, timestamps } from './log-model.ts';
import { select } from './log-selection.tsx';
import type { PlacedSection } from './sections.ts';

interface RowProps {
  model: LogModel;
  row: number;
  line: number;
  /** Null while it is not at hand. */
  known: ShownLine | null;
  startedAt: number | null;
}

/** One line of the log: its number, when it was written, and what it says. */
export function LogRow({ model, row, line, known, startedAt }: RowProps) {
  const section = model.sectionAt.value.get(line);
  const selected = model.selected.value;
  const classes = ['log-row'];
  if (selected !== null && line >= selected.first && line <= selected.last) classes.push('is-selected');
  if (model.errors.current.value?.line === line) classes.push('is-error');
  const onClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    select(model, clickedLines(line, model.selected.value, event.shiftKey));
  };
  const text = known === null ? null : <Text model={model} line={line} known={known} />;
  return (
    <div class={classes.join(' ')} data-log-row={row}>
      <a class="log-number" href={`#L${line + 1}`} tabIndex={-1} onClick={onClick}>
        {line + 1}
      </a>
      {timestamps.value === 'off' ? null : (
        <span class="log-time">{timeOf(known?.at ?? known?.arrived ?? null, startedAt)}</span>
      )}
      {section === undefined ? (
        <span class="log-text">{text}</span>
      ) : (
        <SectionHead model={model} section={section} text={text} />
      )}
    </div>
  );
}

function SectionHead({
  model,
  section,
  text,
}: {
  model: LogModel;
  section: PlacedSection;
  text: ComponentChildren;
}) {
  const open = !model.shut.value.has(section.first_line);
  const empty = section.last <= section.first_line;
  return (
    <button
      type="button"
      class={`log-section depth-${Math.min(section.depth, 4)}`}
      aria-expanded={open}
      data-row
      onClick={() => model.toggle(section)}
    >
      <Icon name={open ? 'down' : 'right'} />
      <span class="log-text">{section.header === '' ? section.name : text}</span>
      {open || empty ? null : <span class="log-hidden">{linesText(section.last - section.first_line)}</span>}
      {section.hide_duration ? null : <span class="log-duration">{durationOf(section, model)}</span>}
    </button>
  );
}

function linesText(count: number): string {
  return count === 1 ? '1 line' : `${count.toLocaleString()} lines`;
}

/** How long a section took; of one that never ended how long it has gone on while the job runs. */
function durationOf(section: PlacedSection, model: LogModel): string {
  if (section.finished_at !== null) return clock(section.finished_at - section.started_at);
  return model.source.index.value?.ended === false ? clock(now.value / 1000 - section.started_at) : '';
}

function Text({ model, line, known }: { model: LogModel; line: number; known: ShownLine }) {
  const { search } = model;
  const current = search.current.value;
  const text = search.text.value;
  const matches: Match[] = matchesIn(
    known.text,
    search.found.value === null ? '' : text,
    search.caseSensitive.value,
  ).map((column) => ({
    column,
    length: text.length,
    current: current?.line === line && current.column === column,
  }));
  const spans = markSpans(known.spans, matches).map(({ text, classes, found }, index) => {
    const className = classes === '' ? undefined : classes;
    return found === 'no' ? (
      <span key={index} class={className}>
        {text}
      </span>
    ) : (
      <mark key={index} class={found === 'current' ? 'is-current' : undefined}>
        {text}
      </mark>
    );
  });
  const cut = known.text.length - MAX_SHOWN;
  if (cut <= 0) return <>{spans}</>;
  return (
    <>
      {spans}
      <span class="log-cut"> … {cut.toLocaleString()} more characters, in the raw log</span>
    </>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

function timeOf(at: number | null, startedAt: number | null): string {
  if (at === null) return '';
  if (timestamps.value === 'absolute') return CLOCK.format(at);
  return startedAt === null ? '' : `+${clock((at - startedAt) / 1000)}`;
}

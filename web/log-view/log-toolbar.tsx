import { useEffect, useState } from 'preact/hooks';
import { Icon, type IconName } from '../shell/icon.tsx';
import { type LogModel, timestamps, wrapping } from './log-model.ts';
import type { LogSearch } from './log-search.ts';

interface ToolbarProps {
  model: LogModel;
  /** Addresses of the log itself. */
  raw: string;
  download: { address: string; filename: string };
}

/** What can be done with the log: search, errors, how it is shown, and the whole of it. */
export function LogToolbar({ model, raw, download }: ToolbarProps) {
  return (
    <div class="log-toolbar" role="toolbar" aria-label="Log">
      <SearchField model={model} />
      <Errors model={model} />
      {model.source.live.value && model.lines.value > 0 ? <span class="log-live">Live</span> : null}
      <div class="log-tools">
        <button
          type="button"
          class="quiet small"
          title="Timestamps: off, since the start, time of day (s)"
          onClick={nextTimestamps}
        >
          <Icon name="clock" />
          <span class="wide-only">{TIMES[timestamps.value]}</span>
        </button>
        <Tool
          icon="wrap"
          label="Wrap long lines"
          keys="w"
          pressed={wrapping.value === 'on'}
          run={toggleWrapping}
        />
        <Tool icon="fold" label="Shut or open all sections" keys="a" run={() => model.toggleAll()} />
        <a class="button quiet small icon-only" href={raw} title="Raw log" aria-label="Raw log">
          <Icon name="file" />
        </a>
        <a
          class="button quiet small icon-only"
          href={download.address}
          download={download.filename}
          title="Download the log"
          aria-label="Download the log"
        >
          <Icon name="download" />
        </a>
        <Tool icon="start" label="To the start" keys="Home" run={() => model.view.toStart()} />
        <Tool icon="end" label="To the end, and follow it" keys="End" run={() => model.view.follow()} />
      </div>
    </div>
  );
}

interface ToolProps {
  icon: IconName;
  label: string;
  /** What the keyboard does the same with. */
  keys: string;
  pressed?: boolean;
  run(): void;
}

function Tool({ icon, label, keys, pressed, run }: ToolProps) {
  return (
    <button
      type="button"
      class="quiet small icon-only"
      aria-label={label}
      title={`${label} (${keys})`}
      aria-pressed={pressed}
      onClick={run}
    >
      <Icon name={icon} />
    </button>
  );
}

const TIMES = { off: 'Times', relative: 'Since start', absolute: 'Time of day' } as const;

export function nextTimestamps(): void {
  const { value } = timestamps;
  timestamps.value = value === 'off' ? 'relative' : value === 'relative' ? 'absolute' : 'off';
}

export function toggleWrapping(): void {
  wrapping.value = wrapping.value === 'on' ? 'off' : 'on';
}

function SearchField({ model }: { model: LogModel }) {
  const { search } = model;
  const [text, setText] = useState('');
  useEffect(() => {
    if (search.found.value !== null) search.grown();
  }, [model.lines.value]);
  const look = (next: string) => {
    setText(next);
    search.look(next, model.topLine, model.show);
  };
  return (
    <search class="log-search">
      <Icon name="search" />
      <input
        type="search"
        data-filter
        aria-label="Search the whole log"
        placeholder="Search the log"
        maxLength={1000}
        value={text}
        onInput={(event) => look(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void search.step(event.shiftKey ? -1 : 1, model.topLine, model.show);
          else if (event.key === 'Escape') {
            look('');
            event.currentTarget.blur();
          }
        }}
      />
      {text === '' ? null : (
        <>
          <Count search={search} none="none" />
          <button
            type="button"
            class="quiet small"
            aria-label="Match case"
            title="Match case"
            aria-pressed={search.caseSensitive.value}
            onClick={() => {
              search.caseSensitive.value = !search.caseSensitive.value;
              look(text);
            }}
          >
            Aa
          </button>
          <Steps search={search} model={model} what="match" keys={['N', 'n']} />
        </>
      )}
    </search>
  );
}

/** Lines that look like errors: how many, and the way from one to the next. */
function Errors({ model }: { model: LogModel }) {
  const { errors } = model;
  const known = errors.found.value;
  return (
    <div class="log-errors">
      <button
        type="button"
        class="quiet small"
        title="Next error (e)"
        onClick={() => void errors.step(1, model.topLine, model.show)}
      >
        <Icon name="warning" />
        <span>{known === null ? 'Errors' : known.count === 0 ? 'No errors' : 'Errors'}</span>
        {known === null || known.count === 0 ? null : <Count search={errors} none="" />}
      </button>
      {known === null || known.count === 0 ? null : (
        <Steps search={errors} model={model} what="error" keys={['E', 'e']} />
      )}
    </div>
  );
}

function Count({ search, none }: { search: LogSearch; none: string }) {
  const found = search.found.value;
  const { busy } = search;
  const problem = search.problem.value;
  const text =
    problem !== null
      ? problem.text
      : found === null
        ? ''
        : found.count === 0
          ? none
          : `${search.place === 0 ? '' : `${search.place.toLocaleString()} of `}${found.count.toLocaleString()}${found.complete ? '' : '+'}`;
  return (
    <output class="log-count" aria-busy={busy.value}>
      {text}
    </output>
  );
}

function Steps({
  search,
  model,
  what,
  keys,
}: {
  search: LogSearch;
  model: LogModel;
  what: string;
  keys: readonly [back: string, on: string];
}) {
  const step = (by: 1 | -1) => void search.step(by, model.topLine, model.show);
  return (
    <>
      <Tool icon="up" label={`Previous ${what}`} keys={keys[0]} run={() => step(-1)} />
      <Tool icon="down" label={`Next ${what}`} keys={keys[1]} run={() => step(1)} />
    </>
  );
}

import './graph.css';
import { useMemo, useState } from 'preact/hooks';
import { Icon } from '../../shell/icon.tsx';
import { StatusIcon, shownStatus, statusWord } from '../../status.tsx';
import { now } from '../../time.tsx';
import { type Column, type Layout, layOut, line } from './graph-layout.ts';
import { GroupCard } from './group-card.tsx';
import type { Acting } from './job-action.tsx';
import { criticalPath, type GraphJob, type PipelineGraph } from './pipeline-graph.ts';

interface GraphProps {
  graph: PipelineGraph;
  path: string;
  acting: Acting;
  /** Downstream pipelines that are shown below. */
  downstream: ReadonlySet<number>;
  onDownstream(job: GraphJob): void;
}

/** More lines than these and only those of the job under the pointer are drawn. */
const MANY_LINES = 160;

/** Stages as columns, jobs as cards, needs as lines; the critical path stands out. */
export function GraphView({ graph, path, acting, downstream, onDownstream }: GraphProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [pointed, setPointed] = useState<string | null>(null);
  const layout = useMemo(() => layOut(graph, open), [graph, open]);
  const critical = useMemo(() => criticalPath(graph, now.peek()), [graph]);
  const onPath = useMemo(
    () => new Set(critical.map((job) => layout.places.get(job.name)?.card ?? '')),
    [critical, layout],
  );
  const toggle = (name: string) => {
    const next = new Set(open);
    if (!next.delete(name)) next.add(name);
    setOpen(next);
  };
  return (
    <section class="graph-frame" aria-label={`Graph of pipeline #${graph.pipeline.id}`}>
      <div
        class="graph"
        style={{ width: `${layout.width}px`, height: `${layout.height}px` }}
        onPointerOver={(event) => setPointed(cardUnder(event))}
        onPointerLeave={() => setPointed(null)}
        onFocusIn={(event) => setPointed(cardUnder(event))}
      >
        <Lines layout={layout} critical={critical} pointed={pointed} />
        {layout.columns.map((column) => (
          <StageColumn key={column.stage.name} column={column}>
            {column.cards.map((card) => (
              <GroupCard
                key={card.group.name}
                card={card}
                path={path}
                acting={acting}
                critical={onPath.has(card.group.name)}
                downstream={downstream}
                onToggle={() => toggle(card.group.name)}
                onDownstream={onDownstream}
              />
            ))}
            {column.dots === null ? null : <Dots dots={column.dots} path={path} />}
          </StageColumn>
        ))}
      </div>
    </section>
  );
}

function cardUnder(event: Event): string | null {
  const card = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-card]') : null;
  return card?.dataset.card ?? null;
}

function StageColumn({ column, children }: { column: Column; children: preact.ComponentChildren }) {
  const { stage, x } = column;
  const count = stage.groups.reduce((sum, group) => sum + group.jobs.length, 0);
  return (
    <div class="stage" style={{ left: `${x}px` }}>
      <h2 class="stage-head">
        <StatusIcon status={stage.status} label={statusWord(stage.status)} />
        <span class="clip">{stage.name}</span>
        <span class="muted number">{count}</span>
      </h2>
      {children}
    </div>
  );
}

/** Jobs that are fine, one sign each: hundreds of them in the room of a few cards. */
function Dots({ dots, path }: { dots: NonNullable<Column['dots']>; path: string }) {
  return (
    <div class="dots" style={{ top: `${dots.y}px`, height: `${dots.height}px` }}>
      <p class="small muted">{dots.jobs.length} more</p>
      <ul>
        {dots.jobs.map((job) => {
          const label = `${job.name}: ${statusWord(shownStatus(job.status, job.allow_failure)).toLowerCase()}`;
          return (
            <li key={job.id}>
              <a href={`/${path}/-/jobs/${job.id}`} title={label} aria-label={label}>
                <StatusIcon status={job.status} allowFailure={job.allow_failure} />
              </a>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Lines({
  layout,
  critical,
  pointed,
}: {
  layout: Layout;
  critical: readonly GraphJob[];
  pointed: string | null;
}) {
  const few = layout.edges.length <= MANY_LINES;
  const shown = layout.edges.filter((edge) => few || edge.from === pointed || edge.to === pointed);
  const strong: string[] = [];
  for (const [index, job] of critical.entries()) {
    const from = index === 0 ? undefined : layout.places.get(critical[index - 1]!.name);
    const to = layout.places.get(job.name);
    if (from !== undefined && to !== undefined && from.card !== to.card) strong.push(line(from, to));
  }
  return (
    <svg class="lines" width={layout.width} height={layout.height} aria-hidden="true">
      {shown.map((edge) => (
        <path
          key={`${edge.from}\n${edge.to}`}
          d={edge.path}
          class={pointed !== null && (edge.from === pointed || edge.to === pointed) ? 'pointed' : ''}
        />
      ))}
      {strong.map((d) => (
        <path key={d} d={d} class="critical" />
      ))}
    </svg>
  );
}

/** Names what the whole duration hangs on, as words for those who do not see lines. */
export function CriticalPath({ graph }: { graph: PipelineGraph }) {
  const path = useMemo(() => criticalPath(graph, now.peek()), [graph]);
  if (path.length < 2) return null;
  return (
    <p class="critical-path small muted">
      <Icon name="clock" />
      <span>
        Critical path: <span class="mono">{path.map((job) => job.name).join(' → ')}</span>
      </span>
    </p>
  );
}

import type { GraphJob, Group, PipelineGraph, Stage } from './pipeline-graph.ts';
import { stagesOf } from './pipeline-graph.ts';

/** Measures of the drawing in pixels; `graph.css` has the same. Positions are counted, never measured. */
export const CARD_WIDTH = 224;
export const CARD_HEIGHT = 36;
const ROW_HEIGHT = 30;
const CARD_GAP = 8;
const COLUMN_GAP = 56;
const HEAD_HEIGHT = 36;
const DOT = 24;
const DOTS_IN_ROW = Math.floor(CARD_WIDTH / DOT);

/** More groups than these in one stage, and those that are fine become dots. */
const MANY = 30;
/** Cards that such a stage keeps for what asks for attention. */
const KEPT = 12;
const FINE = new Set(['success', 'created', 'skipped', 'pending', 'canceled']);

export interface Card {
  group: Group;
  x: number;
  y: number;
  height: number;
  /** Its jobs are listed in it. */
  open: boolean;
}

export interface Column {
  stage: Stage;
  x: number;
  cards: Card[];
  /** Jobs shown as dots below the cards. */
  dots: { jobs: GraphJob[]; y: number; height: number } | null;
}

interface Point {
  x: number;
  y: number;
}

/** Where a job's lines arrive and leave, and the card they belong to. */
export interface Place {
  left: Point;
  right: Point;
  card: string;
}

export interface Edge {
  from: string;
  to: string;
  path: string;
}

export interface Layout {
  columns: Column[];
  width: number;
  height: number;
  /** One line for each two cards of which a job of one needs a job of the other. */
  edges: Edge[];
  /** By the job's name. */
  places: ReadonlyMap<string, Place>;
}

/** Where everything of a pipeline's drawing stands. */
export function layOut(graph: PipelineGraph, open: ReadonlySet<string>): Layout {
  const columns = stagesOf(graph).map((stage, index) =>
    columnOf(stage, index * (CARD_WIDTH + COLUMN_GAP), open),
  );
  const heights = columns.map(({ cards, dots }) => {
    const last = cards.at(-1);
    return dots !== null ? dots.y + dots.height : last === undefined ? HEAD_HEIGHT : last.y + last.height;
  });
  const places = placesOf(columns);
  return {
    columns,
    width: Math.max(0, columns.length * (CARD_WIDTH + COLUMN_GAP) - COLUMN_GAP),
    height: Math.max(0, ...heights),
    edges: edgesOf(graph.jobs, places),
    places,
  };
}

function columnOf(stage: Stage, x: number, open: ReadonlySet<string>): Column {
  const many = stage.groups.length > MANY;
  const telling = many
    ? stage.groups.filter((group) => group.jobs.length > 1 || !FINE.has(group.status))
    : stage.groups;
  const kept = many ? telling.slice(0, KEPT) : telling;
  const shown = new Set(kept);
  const cards: Card[] = [];
  let y = HEAD_HEIGHT;
  for (const group of kept) {
    const isOpen = open.has(group.name) && group.jobs.length > 1;
    const height = CARD_HEIGHT + (isOpen ? group.jobs.length * ROW_HEIGHT + 4 : 0);
    cards.push({ group, x, y, height, open: isOpen });
    y += height + CARD_GAP;
  }
  const rest = stage.groups.filter((group) => !shown.has(group)).flatMap((group) => group.jobs);
  if (rest.length === 0) return { stage, x, cards, dots: null };
  return {
    stage,
    x,
    cards,
    dots: { jobs: rest, y, height: Math.ceil(rest.length / DOTS_IN_ROW) * DOT + 28 },
  };
}

function placesOf(columns: readonly Column[]): Layout['places'] {
  const places = new Map<string, Place>();
  for (const { cards, dots, x } of columns) {
    for (const card of cards) {
      for (const [index, job] of card.group.jobs.entries()) {
        const y = card.y + (card.open ? CARD_HEIGHT + (index + 0.5) * ROW_HEIGHT : CARD_HEIGHT / 2);
        places.set(job.name, {
          left: { x: card.x, y },
          right: { x: card.x + CARD_WIDTH, y },
          card: card.open ? job.name : card.group.name,
        });
      }
    }
    for (const job of dots?.jobs ?? []) {
      const y = (dots?.y ?? 0) + 14;
      places.set(job.name, { left: { x, y }, right: { x: x + CARD_WIDTH, y }, card: `… ${x}` });
    }
  }
  return places;
}

function edgesOf(jobs: readonly GraphJob[], places: Layout['places']): Edge[] {
  const edges = new Map<string, Edge>();
  for (const job of jobs) {
    const to = places.get(job.name);
    for (const need of job.needs ?? []) {
      const from = places.get(need);
      if (from === undefined || to === undefined || from.card === to.card) continue;
      const key = `${from.card}\n${to.card}`;
      if (!edges.has(key)) edges.set(key, { from: from.card, to: to.card, path: line(from, to) });
    }
  }
  return [...edges.values()];
}

/** A line from one card to another that leaves and arrives level; inside of one stage it goes around on the left. */
export function line({ left, right }: Place, to: Place): string {
  const inside = left.x === to.left.x;
  const from = inside ? left : right;
  const bend = inside ? -COLUMN_GAP / 2.5 : (to.left.x - from.x) / 2;
  return curve(from, to.left, bend, inside ? bend : -bend);
}

function curve(from: Point, to: Point, leave: number, arrive: number): string {
  return `M${from.x} ${from.y}C${from.x + leave} ${from.y} ${to.x + arrive} ${to.y} ${to.x} ${to.y}`;
}

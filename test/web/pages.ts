import type { Seeded } from './seeded-server.ts';

/** One page as somebody sees it, for axe and for the screenshots. */
export interface PageRow {
  /** Also the name of its picture. */
  name: string;
  address(seeded: Seeded): string;
  /** Who looks: root unless it says `nobody`. */
  as?: 'nobody';
  /** A selector that is there when the page is drawn. */
  ready: string;
}

/** Every page of the web UI: a new page adds a row. */
export const PAGES: readonly PageRow[] = [
  { name: 'projects', address: () => '/', ready: 'h1' },
  { name: 'not-found', address: () => '/nobody/nothing', ready: 'h1' },
];

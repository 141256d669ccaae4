import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** One import of a source file: `target` is a path from the repository's root, or a library's name. */
export interface Import {
  file: string;
  target: string;
  typeOnly: boolean;
}

const IMPORT = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\('([^']+)'\)/g;

/** Reads the imports of one file's text. */
export function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (target: string, typeOnly: boolean) =>
    found.push({
      file,
      target: target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
      typeOnly,
    });
  for (const [, type, target] of text.matchAll(IMPORT)) add(target!, type !== undefined);
  for (const [, target] of text.matchAll(DYNAMIC)) add(target!, false);
  return found;
}

/** All product sources with their imports; tests may import what they like. */
export function productImports(): { files: string[]; imports: Import[] } {
  const files = globSync('src/**/*.ts').filter((file) => !file.endsWith('.test.ts'));
  return { files, imports: files.flatMap((file) => importsOf(file, readFileSync(file, 'utf8'))) };
}

/** The table of docs/architecture.md: room → rooms it may import. */
export function importTable(markdown: string): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>();
  for (const [, room, allowed] of markdown.matchAll(/^\| `([\w-]+)` \|(.*)\|$/gm)) {
    table.set(room!, new Set([...allowed!.matchAll(/`([\w-]+)`/g)].map((match) => match[1]!)));
  }
  return table;
}

/** What is wrong with one import, or null. */
export function violation(one: Import, table: Map<string, Set<string>>): string | null {
  const room = roomOf(one.file);
  if (one.target === 'kysely')
    return mayTouchKysely(one.file) ? null : 'only queries.ts, api/read and db touch Kysely';
  if (!one.target.startsWith('src/')) return null;
  const target = roomOf(one.target);
  if (room === null) return null;
  if (target === null)
    return one.typeOnly && one.target === 'src/settings.ts' ? null : 'rooms do not import the composition';
  if (target === room) return null;
  if (room === 'builtin-runner') {
    return one.typeOnly && one.target === 'src/runner/protocol.ts' ? null : 'it must work against any GitLab';
  }
  if (!table.get(room)?.has(target)) return `${room} may not import ${target}`;
  if (one.target.split('/').length > 3) {
    const typesForAll = one.typeOnly && /^src\/(db\/tables|api\/entities)\//.test(one.target);
    return typesForAll ? null : 'deeper than one is private to its room';
  }
  return one.target.endsWith('/queries.ts') ? 'queries.ts is private to its room' : null;
}

function roomOf(path: string): string | null {
  const parts = path.split('/');
  return parts.length > 2 ? parts[1]! : null;
}

function mayTouchKysely(file: string): boolean {
  return (
    file.startsWith('src/db/') ||
    file.startsWith('src/api/read/') ||
    file.endsWith('/queries.ts') ||
    file.includes('/queries/')
  );
}

/** Import cycles between files, each as its path; type-only imports count too, for a reader they are the same. */
export function cycles(imports: Import[]): string[] {
  const edges = new Map<string, string[]>();
  for (const one of imports) {
    if (!one.typeOnly) edges.set(one.file, [...(edges.get(one.file) ?? []), one.target]);
  }
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, path: string[]) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    state.set(file, 'open');
    for (const target of edges.get(file) ?? []) visit(target, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

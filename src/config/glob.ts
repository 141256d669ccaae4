/** Alternatives that the braces of one pattern may make; more are ignored (security GLOB-1). */
const MAX_ALTERNATIVES = 1000;

/**
 * Compiles a path pattern of `rules:changes`, `rules:exists` or `include` as Ruby's fnmatch reads it with PATHNAME,
 * DOTMATCH and EXTGLOB (ci-yaml 10.3): `*` and `?` stop at `/`, `**` followed by `/` is any number of directories,
 * `{a,b}`, `[a-z]`, `\` escapes, case matters. Never backtracks more than to the last `*` and the last `**`, so a
 * match costs at most the product of both lengths.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const alternatives = expandBraces(pattern);
  const globs = alternatives.map((alternative) => Array.from(alternative));
  if (alternatives.every(isLiteral)) return (path) => alternatives.includes(path);
  return (path) => {
    const characters = Array.from(path);
    return globs.some((glob) => matchesPath(glob, characters));
  };
}

function isLiteral(pattern: string): boolean {
  return !/[*?[\\]/.test(pattern);
}

/** Breadth first over what is still to expand; an unclosed brace matches nothing, as in Ruby. */
function expandBraces(pattern: string): string[] {
  const done = new Set<string>();
  let waiting = [pattern];
  while (waiting.length > 0) {
    const next = new Set<string>();
    for (const text of waiting) {
      const brace = firstBrace(text);
      if (brace === 'none') done.add(text);
      else if (brace !== 'unclosed') for (const choice of brace) next.add(choice);
      if (done.size + next.size >= MAX_ALTERNATIVES) break;
    }
    waiting = [...next];
    if (done.size >= MAX_ALTERNATIVES) break;
  }
  return [...done].slice(0, MAX_ALTERNATIVES);
}

/** The texts that the first outermost brace of `text` stands for. */
function firstBrace(text: string): string[] | 'none' | 'unclosed' {
  let open = -1;
  let depth = 0;
  let from = 0;
  const choices: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '{') {
      if (depth++ === 0) {
        open = at;
        from = at + 1;
      }
    } else if (character === ',' && depth === 1) {
      choices.push(text.slice(from, at));
      from = at + 1;
    } else if (character === '}' && depth > 0 && --depth === 0) {
      choices.push(text.slice(from, at));
      return choices.map((choice) => text.slice(0, open) + choice + text.slice(at + 1));
    }
  }
  return open === -1 ? 'none' : 'unclosed';
}

/** Segment by segment; after a failure the last `**` takes one directory more. */
function matchesPath(glob: string[], path: string[]): boolean {
  let g = 0;
  let p = 0;
  let retry: { glob: number; path: number } | null = null;
  for (;;) {
    while (glob[g] === '*' && glob[g + 1] === '*' && glob[g + 2] === '/') {
      g += 3;
      retry = { glob: g, path: p };
    }
    const end = matchSegment(glob, g, path, p);
    if (end !== null) {
      const segmentEnd = endOfSegment(path, p);
      if (end < glob.length && segmentEnd < path.length) {
        g = end + 1;
        p = segmentEnd + 1;
        continue;
      }
      if (end === glob.length && segmentEnd === path.length) return true;
    }
    if (retry === null) return false;
    const next = endOfSegment(path, retry.path);
    if (next === path.length) return false;
    retry.path = next + 1;
    g = retry.glob;
    p = retry.path;
  }
}

function endOfSegment(path: string[], from: number): number {
  const slash = path.indexOf('/', from);
  return slash === -1 ? path.length : slash;
}

/** Matches one segment of the path as a whole; where the glob's segment ends, or null. */
function matchSegment(glob: string[], globFrom: number, path: string[], pathFrom: number): number | null {
  let g = globFrom;
  let p = pathFrom;
  let star: { glob: number; path: number } | null = null;
  const atPathEnd = () => p >= path.length || path[p] === '/';
  for (;;) {
    if (glob[g] === '*') {
      while (glob[g] === '*') g++;
      if (g >= glob.length || glob[g] === '/') return g;
      star = { glob: g, path: p };
    }
    const atGlobEnd = g >= glob.length || glob[g] === '/';
    if (atPathEnd()) return atGlobEnd ? g : null;
    const next = atGlobEnd ? null : matchCharacter(glob, g, path[p]!);
    if (next !== null) {
      g = next;
      p++;
    } else {
      if (star === null) return null;
      g = star.glob;
      p = ++star.path;
    }
  }
}

/** Where the glob goes on after taking `character`, or null. */
function matchCharacter(glob: string[], at: number, character: string): number | null {
  if (glob[at] === '?') return at + 1;
  if (glob[at] === '[') return matchBracket(glob, at + 1, character);
  const literal = glob[at] === '\\' && at + 1 < glob.length ? at + 1 : at;
  return glob[literal] === character ? literal + 1 : null;
}

/** `[a-z]`, `[!a]`, `[^a]`; an unclosed bracket matches nothing. */
function matchBracket(glob: string[], from: number, character: string): number | null {
  const negated = glob[from] === '!' || glob[from] === '^';
  let at = negated ? from + 1 : from;
  let found = false;
  const take = () => {
    if (glob[at] === '\\') at++;
    return glob[at++];
  };
  while (glob[at] !== ']') {
    const low = take();
    if (low === undefined || at >= glob.length) return null;
    let high: string | undefined = low;
    if (glob[at] === '-' && glob[at + 1] !== ']') {
      at++;
      high = take();
      if (high === undefined || at >= glob.length) return null;
    }
    const point = character.codePointAt(0)!;
    found ||= point >= low.codePointAt(0)! && point <= high.codePointAt(0)!;
  }
  return found === negated ? null : at + 1;
}

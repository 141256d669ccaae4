import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type CallOptions, get, type Paging, type Problem } from './client.ts';

/** What is known of one address of the API. */
export interface Reading<T> {
  /** The last answer: kept while it is read again; undefined before the first. */
  value: T | undefined;
  paging: Paging | undefined;
  /** Why the last try failed; null when it did not. */
  problem: Problem | null;
  /** Reads again, soon and once, however often it is called; the old value stays in sight meanwhile. */
  reload(): void;
  /** Changes what is shown before the server confirms it. */
  change(next: (value: T) => T): void;
}

interface Known {
  value: unknown;
  paging: Paging;
}

/** The last answers, so that going back shows at once what was there, and corrects it a moment later. */
const known = new Map<string, Known>();
const KNOWN_MAX = 40;

/** Forgets all answers: after signing in or out. */
export function forgetAnswers(): void {
  known.clear();
}

function remember(key: string, answer: Known): void {
  known.delete(key);
  known.set(key, answer);
  if (known.size > KNOWN_MAX) known.delete(known.keys().next().value!);
}

/** Least time between two readings of one address, milliseconds: events come in bursts. */
const PAUSE_MS = 250;

/** Reads `/api/v4<path>` and again when path or query change; a null path reads nothing. Ends with the component. */
export function useReading<T>(path: string | null, query?: CallOptions['query']): Reading<T> {
  const key =
    path === null ? null : `${path}?${JSON.stringify(query instanceof URLSearchParams ? [...query] : query)}`;
  const [state, setState] = useState<{
    key: string | null;
    answer: Known | undefined;
    problem: Problem | null;
  }>({
    key,
    answer: key === null ? undefined : known.get(key),
    problem: null,
  });
  const wanted = useRef({ key, path, query });
  wanted.current = { key, path, query };
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const running = useRef<AbortController | undefined>(undefined);
  /** Asked for while a reading was under way. */
  const again = useRef(false);
  /** When the next reading may start: slow answers are asked for less often. */
  const notBefore = useRef(0);

  const read = useCallback(async () => {
    timer.current = undefined;
    const { key, path, query } = wanted.current;
    if (key === null || path === null) return;
    const controller = new AbortController();
    running.current = controller;
    const started = performance.now();
    const result = await get<T>(path, {
      signal: controller.signal,
      ...(query === undefined ? {} : { query }),
    });
    if (running.current !== controller) return;
    running.current = undefined;
    const ended = performance.now();
    notBefore.current = ended + Math.max(PAUSE_MS, 3 * (ended - started));
    if (result.ok) {
      const answer = { value: result.value, paging: result.paging };
      remember(key, answer);
      setState({ key, answer, problem: null });
    } else if (result.problem.kind !== 'cancelled') {
      const { problem } = result;
      setState((now) => ({ key, answer: now.key === key ? now.answer : undefined, problem }));
    }
    if (again.current) {
      again.current = false;
      reload();
    }
  }, []);

  const reload = useCallback(() => {
    if (timer.current !== undefined) return;
    if (running.current !== undefined) {
      again.current = true;
      return;
    }
    timer.current = setTimeout(read, Math.max(0, notBefore.current - performance.now()));
  }, []);

  useEffect(() => {
    const stop = () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      running.current?.abort();
      running.current = undefined;
      again.current = false;
    };
    if (key === null) return;
    setState((now) => (now.key === key ? now : { key, answer: known.get(key), problem: null }));
    void read();
    return stop;
  }, [key]);

  const change = useCallback((next: (value: T) => T) => {
    setState((now) => {
      if (now.answer === undefined) return now;
      return { ...now, answer: { ...now.answer, value: next(now.answer.value as T) } };
    });
  }, []);

  const current = state.key === key ? state.answer : key === null ? undefined : known.get(key);
  return {
    value: current?.value as T | undefined,
    paging: current?.paging,
    problem: state.key === key ? state.problem : null,
    reload,
    change,
  };
}

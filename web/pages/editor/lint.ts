import { useEffect, useState } from 'preact/hooks';
import type { lintEntity } from '../../../src/api/entities/lint.ts';
import { type Problem, send } from '../../api/client.ts';

export type Lint = Omit<ReturnType<typeof lintEntity>, 'jobs'> & {
  jobs?: { name: string; stage: string; when: string; allow_failure: boolean; tag_list: string[] }[];
};

/** How long somebody may pause while typing before the text is checked, milliseconds. */
const TYPING_MS = 400;

/** What the server says of a configuration, as it is typed: as a pipeline of `ref` would have it. */
export function useLint(path: string, content: string | null, ref: string) {
  const [lint, setLint] = useState<Lint | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [checked, setChecked] = useState<string | null>(null);
  useEffect(() => {
    if (content === null) return;
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      const ask = (dryRun: boolean) =>
        send<Lint>('POST', path, {
          body: { content, ref, include_jobs: true, dry_run: dryRun },
          signal: controller.signal,
        });
      let result = await ask(true);
      // Who may not start pipelines of this branch still learns whether the text is right.
      if (!result.ok && result.problem.status === 403) result = await ask(false);
      if (controller.signal.aborted) return;
      setChecked(content);
      setProblem(result.ok ? null : result.problem);
      if (result.ok) setLint(result.value);
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [path, content, ref]);
  return { lint, problem, isCurrent: checked === content };
}

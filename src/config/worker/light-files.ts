import type { ConfigFiles } from '../files.ts';
import { askedFiles, callFiles, type FilesMethod } from './asked-files.ts';

/** Carries the news that a compilation became heavy out of it. */
export class Heavy extends Error {}

/**
 * Files that remember what was asked, so that a compilation that is begun again elsewhere asks nobody twice. Until
 * `unlimit` they throw `Heavy` once more has been read than `weigh` lets pass.
 */
export function lightFiles(
  files: ConfigFiles,
  weigh: (text: string) => number,
  limit: number,
): { files: ConfigFiles; unlimit: () => void } {
  const known = new Map<string, unknown>();
  let left = limit;
  const ask =
    (method: FilesMethod) =>
    async (...args: unknown[]): Promise<never> => {
      const key = JSON.stringify([method, ...args]);
      if (!known.has(key)) known.set(key, callFiles(files, method, args));
      const answer = await known.get(key);
      left -= weigh(contentOf(answer));
      if (left < 0) throw new Heavy();
      return answer as never;
    };
  return {
    files: askedFiles(ask, files.readArtifact !== undefined),
    unlimit: () => {
      left = Number.POSITIVE_INFINITY;
    },
  };
}

/** The text of a file in any method's answer; other answers weigh nothing. */
function contentOf(answer: unknown): string {
  if (typeof answer === 'string') return answer;
  if (typeof answer !== 'object' || answer === null || !('value' in answer)) return '';
  const { value } = answer;
  if (typeof value === 'object' && value !== null && 'content' in value) return String(value.content);
  return typeof value === 'string' ? value : '';
}

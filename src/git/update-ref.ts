import { rm, stat } from 'node:fs/promises';
import { type GitResult, runGit } from './run-git.ts';

/** No command of ours holds a lock nearly as long. */
const STALE_MS = 10 * 60 * 1000;
const LOCKED = /Unable to create '([^']+\.lock)': File exists/;

/**
 * Runs a git command that moves refs. A lock that a killed process or a power cut left would refuse that ref for ever:
 * one older than ten minutes is removed, and the command is tried again, once.
 */
export async function updateRef(path: string, args: readonly string[], input = ''): Promise<GitResult> {
  const result = await runGit(path, args, { input });
  if (result.code === 0) return result;
  const lock = LOCKED.exec(result.stderr)?.[1];
  return lock !== undefined && (await removeStale(path, lock)) ? runGit(path, args, { input }) : result;
}

async function removeStale(path: string, lock: string): Promise<boolean> {
  if (!lock.startsWith(`${path}/`)) return false;
  const info = await stat(lock).catch(() => null);
  if (info === null || info.mtimeMs > Date.now() - STALE_MS) return false;
  await rm(lock, { force: true });
  return true;
}

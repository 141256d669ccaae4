import { resolve } from './refs.ts';
import type { Repositories } from './repository.ts';

/** A commit as the API and the variables of a job tell it; every text is data of whoever wrote it (security GIT-9). */
export interface GitCommit {
  sha: string;
  treeSha: string;
  parentIds: string[];
  /** The first line, cut as GitLab cuts it: at 80 characters, with `...`. */
  title: string;
  message: string;
  authorName: string;
  authorEmail: string;
  /** ISO 8601 with milliseconds and the author's offset. */
  authoredDate: string;
  committerName: string;
  committerEmail: string;
  committedDate: string;
}

/** The commit a revision stands for (see `resolve`), or null. */
export async function readCommit(
  repositories: Repositories,
  projectId: number,
  revision: string,
): Promise<GitCommit | null> {
  const sha = await resolve(repositories, projectId, revision);
  if (sha === null) return null;
  const object = await repositories.readers.read(repositories.path(projectId), sha);
  return object === null ? null : parseCommit(sha, object.content);
}

/** Reads a commit object as git stores it. Never throws: what is missing or broken comes out empty. */
export function parseCommit(sha: string, content: Buffer): GitCommit {
  const blank = content.indexOf('\n\n');
  const end = blank < 0 ? content.length : blank;
  const decode = decoderOf(content.subarray(0, end).toString('latin1'));
  const headers = headersOf(decode(content.subarray(0, end)));
  const message = decode(content.subarray(end + 2)).replaceAll('\0', '');
  const author = parsePerson(headers.find(([key]) => key === 'author')?.[1] ?? '');
  const committer = parsePerson(headers.find(([key]) => key === 'committer')?.[1] ?? '');
  return {
    sha,
    treeSha: headers.find(([key]) => key === 'tree')?.[1] ?? '',
    parentIds: headers.filter(([key]) => key === 'parent').map(([, value]) => value),
    title: cutTitle(firstLine(message)),
    message,
    authorName: author.name,
    authorEmail: author.email,
    authoredDate: author.date,
    committerName: committer.name,
    committerEmail: committer.email,
    committedDate: committer.date,
  };
}

/** The whole first line of a commit message that is not empty. */
export function firstLine(message: string): string {
  return message.trimStart().split(/\r?\n/, 1)[0]?.trimEnd() ?? '';
}

function decoderOf(header: string): (bytes: Buffer) => string {
  const encoding = /^encoding (\S+)$/m.exec(header)?.[1] ?? 'utf-8';
  try {
    const decoder = new TextDecoder(encoding);
    return (bytes) => decoder.decode(bytes);
  } catch {
    return (bytes) => bytes.toString('utf8'); // an encoding nobody knows
  }
}

function headersOf(text: string): [string, string][] {
  return text.split('\n').map((line) => {
    const space = line.indexOf(' ');
    return [line.slice(0, space), line.slice(space + 1)];
  });
}

function parsePerson(text: string): { name: string; email: string; date: string } {
  const open = text.indexOf('<');
  const close = text.lastIndexOf('>');
  const [, seconds, offset] = /^ (-?\d{1,12}) ([+-]\d{4})$/.exec(text.slice(close + 1)) ?? [];
  return {
    name: (open < 0 ? text : text.slice(0, open)).trim(),
    email: open < 0 || close < open ? '' : text.slice(open + 1, close),
    date: isoWithOffset(Number(seconds ?? 0), offset ?? '+0000'),
  };
}

/** `seconds` since 1970 in the zone `offset` (`+0130`), as ISO 8601 with milliseconds (jobs-api 6). */
export function isoWithOffset(seconds: number, offset: string): string {
  const sign = offset.startsWith('-') ? -1 : 1;
  const minutes = sign * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3, 5)));
  const local = new Date((seconds + minutes * 60) * 1000);
  const year = local.getUTCFullYear();
  if (!(year >= 0 && year <= 9999) || Math.abs(minutes) > 14 * 60) return '1970-01-01T00:00:00.000+00:00';
  return `${local.toISOString().slice(0, -1)}${offset.slice(0, 3)}:${offset.slice(3, 5)}`;
}

const TITLE_LENGTH = 80;

/** Shortens a title of 80 characters or more to words within 81, the dots included. */
function cutTitle(line: string): string {
  if (line.length < TITLE_LENGTH) return line;
  const head = line.slice(0, TITLE_LENGTH - 2);
  const space = line[head.length] === ' ' ? head.length : head.lastIndexOf(' ');
  return `${space > 0 ? head.slice(0, space) : head}...`;
}

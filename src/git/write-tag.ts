import { isSha, isValidRefName } from './ref-name.ts';
import type { Repositories } from './repository.ts';
import { git } from './run-git.ts';
import type { Person } from './write-commit.ts';

/** Stores the object of an annotated tag and gives its id; no ref moves. `now` in milliseconds. */
export async function writeTag(
  repositories: Repositories,
  projectId: number,
  tag: { name: string; target: string; message: string; tagger: Person; now: number },
): Promise<string> {
  if (!isSha(tag.target) || !isValidRefName(tag.name)) throw new RangeError('not a tag');
  const clean = (text: string) => text.replace(/[<>\n\r\0]/g, '').trim();
  const who = `${clean(tag.tagger.name) || 'nobody'} <${clean(tag.tagger.email)}>`;
  const head = `object ${tag.target}\ntype commit\ntag ${tag.name}\ntagger ${who} ${Math.floor(tag.now / 1000)} +0000`;
  const input = `${head}\n\n${tag.message.replaceAll('\0', '').trimEnd()}\n`;
  return (await git(repositories.path(projectId), ['mktag'], { input })).toString('latin1').trim();
}

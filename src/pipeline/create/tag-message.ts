import type { Repositories } from '../../git/repository.ts';

const SIGNATURE = /-----BEGIN (?:PGP|SSH|SIGNED) [A-Z ]*-----/;

/** Text of an annotated tag without its signature, null for a light one. `tag` exists. */
export async function tagMessage(
  repositories: Repositories,
  projectId: number,
  tag: string,
): Promise<string | null> {
  const object = await repositories.readers.read(repositories.path(projectId), `refs/tags/${tag}`);
  if (object === null || object.info.type !== 'tag') return null;
  const text = object.content.toString('utf8');
  const message = text.slice(text.indexOf('\n\n') + 2);
  return message.split(SIGNATURE, 1)[0]!.trimEnd();
}

import { Icon } from './icon.tsx';

/** The branch or tag that something runs on. */
export function RefName({ name, tag = false }: { name: string; tag?: boolean }) {
  return (
    <span class="ref-name" title={tag ? `Tag ${name}` : `Branch ${name}`}>
      <Icon name={tag ? 'tag' : 'branch'} />
      <span class="clip">{name}</span>
    </span>
  );
}

/** A commit's id, as short as people use it. */
export function Sha({ sha }: { sha: string }) {
  return <code class="sha">{sha.slice(0, 8)}</code>;
}

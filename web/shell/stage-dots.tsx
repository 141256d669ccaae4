import { StatusIcon, statusWord } from '../status.tsx';

/** A pipeline's stages as one sign each, in their order. */
export function StageDots({ stages }: { stages: readonly { name: string; status: string }[] }) {
  return (
    <ol class="stage-dots" aria-label="Stages">
      {stages.map(({ name, status }) => {
        const text = `${name}: ${statusWord(status).toLowerCase()}`;
        return (
          <li key={name} title={text}>
            <StatusIcon status={status} label={text} />
          </li>
        );
      })}
    </ol>
  );
}

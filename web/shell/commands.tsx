import { CopyButton } from './copy-button.tsx';

/** Commands of a terminal, ready to copy, one a line. */
export function Commands({ lines }: { lines: readonly string[] }) {
  return (
    <div class="commands">
      <pre>
        {lines.map((line) => (
          <code key={line}>{`${line}\n`}</code>
        ))}
      </pre>
      <CopyButton text={`${lines.join('\n')}\n`} label="Copy commands" />
    </div>
  );
}

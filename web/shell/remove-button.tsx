import { Icon } from './icon.tsx';

/** Takes the thing of a row away; the label says what is taken from where. */
export function RemoveButton({ label, onClick }: { label: string; onClick(): void }) {
  return (
    <button type="button" class="quiet small icon-only" aria-label={label} onClick={onClick}>
      <Icon name="trash" />
    </button>
  );
}

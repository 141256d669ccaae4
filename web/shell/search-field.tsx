/** The field that filters the list of a page, where the key for it leads. */
export function SearchField({
  label,
  placeholder = label,
  value,
  onInput,
}: {
  label: string;
  placeholder?: string;
  value: string;
  onInput(text: string): void;
}) {
  return (
    <input
      type="search"
      data-filter
      placeholder={placeholder}
      aria-label={label}
      value={value}
      onInput={({ currentTarget }) => onInput(currentTarget.value)}
    />
  );
}

/** Grey rows where a list will be: shown only when reading takes long enough to be noticed (`style/shell.css`). */
export function SkeletonRows({ count = 8 }: { count?: number }) {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        <span key={index} class="skeleton-row" />
      ))}
    </div>
  );
}

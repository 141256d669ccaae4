/** Why a configuration made no jobs, each reason by itself, and where to mend it. */
export function YamlErrors({ text, path }: { text: string; path: string }) {
  const errors = text.split(/\n|(?<=\.), (?=\S+ )/).filter((error) => error.trim() !== '');
  return (
    <section class="yaml-errors" aria-label="Errors of the configuration">
      <h2>The configuration is not valid, so there are no jobs</h2>
      <ul>
        {errors.map((error) => (
          <li key={error}>
            <code>{error}</code>
          </li>
        ))}
      </ul>
      <p>
        Check it in the <a href={`/${path}/-/ci/editor`}>editor</a>, or before the next push with{' '}
        <code>teaspoon lint</code>.
      </p>
    </section>
  );
}

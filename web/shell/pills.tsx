/** Short facts of one kind, such as tags or scopes. */
export function Pills({ texts }: { texts: readonly string[] }) {
  return (
    <span class="facts">
      {texts.map((text) => (
        <span key={text} class="pill">
          {text}
        </span>
      ))}
    </span>
  );
}

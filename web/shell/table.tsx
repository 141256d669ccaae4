import type { ComponentChildren } from 'preact';

/** Things of one kind, one a row; on a phone each row is a card. */
export function Table({
  columns,
  actions = false,
  spaced = false,
  kind,
  children,
}: {
  /** Their heads; `wide-only` is left out on a phone, as its cells are. Without any, the cells speak for themselves. */
  columns?: readonly (string | readonly [head: string, only: 'wide-only'])[];
  /** The last cell of a row holds what can be done with it. */
  actions?: boolean;
  /** Something else stands above and below it. */
  spaced?: boolean;
  /** A class of its own. */
  kind?: string;
  children: ComponentChildren;
}) {
  const shape = columns === undefined ? 'headless stacks' : 'stacks';
  return (
    <div class={spaced ? 'table-frame spaced' : 'table-frame'}>
      <table class={kind === undefined ? shape : `${kind} ${shape}`}>
        {columns === undefined ? null : (
          <thead>
            <tr>
              {columns.map((column) => {
                const [head, only] = [column].flat();
                return (
                  <th key={head} class={only}>
                    {head}
                  </th>
                );
              })}
              {actions ? (
                <th class="end">
                  <span class="off-screen">Actions</span>
                </th>
              ) : null}
            </tr>
          </thead>
        )}
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

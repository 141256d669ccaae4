import type { ComponentChildren } from 'preact';
import { path } from '../router.ts';
import './side-frame.css';

export interface Place {
  text: string;
  address: string;
}

/** Pages that belong together, in a list beside the one that is shown. */
export function SideFrame({
  label,
  places,
  children,
}: {
  label: string;
  places: readonly Place[];
  children: ComponentChildren;
}) {
  const isHere = (address: string) =>
    path.value === address ||
    (path.value.startsWith(`${address}/`) && !path.value.startsWith(`${address}/-/`));
  return (
    <div class="side-frame">
      <nav aria-label={label}>
        <ul>
          {places.map(({ text, address }) => (
            <li key={address}>
              <a href={address} aria-current={isHere(address) ? 'page' : undefined}>
                {text}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div>{children}</div>
    </div>
  );
}

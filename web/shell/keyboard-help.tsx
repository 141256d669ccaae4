import { signal } from '@preact/signals';
import { Dialog } from './dialog.tsx';
import { groups } from './keyboard.ts';

const open = signal(false);

export function showKeyboardHelp(): void {
  open.value = true;
}

/** Everything that a key does on this page. */
export function KeyboardHelp() {
  if (!open.value) return null;
  return (
    <Dialog title="Keyboard" onClose={() => (open.value = false)}>
      <div class="keyboard-help">
        {groups.value.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.bindings.map(({ keys, text }) => (
                <div key={keys}>
                  <dt>
                    {keys.split(' ').map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

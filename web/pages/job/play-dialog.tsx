import { useState } from 'preact/hooks';
import { Dialog } from '../../shell/dialog.tsx';
import { Icon } from '../../shell/icon.tsx';

interface Variable {
  key: string;
  value: string;
}

interface PlayDialogProps {
  name: string;
  /** What the configuration asks before it starts. */
  question: string | null;
  maySetVariables: boolean;
  onPlay(variables: Variable[]): void;
  onClose(): void;
}

const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Starts a manual job, with variables for this attempt. */
export function PlayDialog({ name, question, maySetVariables, onPlay, onClose }: PlayDialogProps) {
  const [variables, setVariables] = useState<Variable[]>([{ key: '', value: '' }]);
  const change = (at: number, part: Partial<Variable>) =>
    setVariables(variables.map((variable, index) => (index === at ? { ...variable, ...part } : variable)));
  const given = variables.filter(({ key }) => key !== '');
  const wrong = given.find(({ key }) => !KEY.test(key));
  return (
    <Dialog title={`Play ${name}`} onClose={onClose}>
      <form
        class="play-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong === undefined) onPlay(given);
        }}
      >
        {question === null ? null : <p>{question}</p>}
        {maySetVariables ? (
          <fieldset>
            <legend>Variables for this run</legend>
            {variables.map(({ key, value }, at) => (
              <div class="play-variable" key={at}>
                <input
                  aria-label="Key"
                  placeholder="Key"
                  value={key}
                  spellcheck={false}
                  onInput={(event) => change(at, { key: event.currentTarget.value.trim() })}
                />
                <input
                  aria-label="Value"
                  placeholder="Value"
                  value={value}
                  spellcheck={false}
                  onInput={(event) => change(at, { value: event.currentTarget.value })}
                />
                <button
                  type="button"
                  class="quiet icon-only"
                  aria-label={`Remove ${key === '' ? 'variable' : key}`}
                  onClick={() => setVariables(variables.filter((_, index) => index !== at))}
                >
                  <Icon name="close" />
                </button>
              </div>
            ))}
            <button
              type="button"
              class="quiet small"
              onClick={() => setVariables([...variables, { key: '', value: '' }])}
            >
              <Icon name="plus" /> Add a variable
            </button>
          </fieldset>
        ) : null}
        {wrong === undefined ? null : (
          <p role="alert">{wrong.key} is no name of a variable: use letters, digits and underscores.</p>
        )}
        <footer>
          <button type="button" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="primary" disabled={wrong !== undefined}>
            <Icon name="play" /> Play
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
